-- Mends dependencies and batches.
-- @require put-off, links, ready, aggregation, features, mend-homes
-- @key meta q hash
-- @key outcomes o hash
-- @key dependents dd:<id> set
-- @key gathered ag zset
-- @key batch ab:<number> list
-- @key facts af hash
-- @key open ao hash
-- @key times ad zset
-- @key pending dq list
-- @key whole . string
local mend_edges = {}

-- The parent knows the child again; where that one has ended, or is not there, housekeeping tells the child.
function mend_edges.need(child, ref)
  links.at(ref, child, function(parent, name)
    local letter, body = links.fate(parent)
    redis.call('SADD', k.dependents .. parent, name)
    if letter then links.mark(parent) end
    if letter ~= '' then put_off.edge({ what = letter or 'R', id = parent, body = body }) end
  end)
end

-- Has those told by housekeeping that wait for a job, or that it has failed.
function mend_edges.tell(parent, what)
  local body = string.match(redis.call('HGET', k.outcomes, parent) or '', '^[^\n]*\n(.*)$') or ''
  put_off.edge({ what = what, id = parent, body = body })
end

-- An end that cannot be read is kept for people.
function mend_edges.set_aside(entry)
  redis.call('RPUSH', k.whole .. '!dq', entry)
  redis.call('LREM', k.pending, 1, entry)
end

local function bits() return redis.call('HGET', k.meta, 'bits') or '' end

-- An entry among ready jobs: a batch that has fired.
function mend_edges.put_batch(number)
  local priority = aggregation.read(number)
  ready.put_back({ aggregation.row(number, priority) }, features.enable_all(bits(), priority ~= 0 and 'bp' or 'b'))
end

-- An open batch runs now.
function mend_edges.fire(number)
  local identity = string.match(redis.call('HGET', k.facts, number), '\t(.*)$')
  if redis.call('HGET', k.open, identity) == number then redis.call('HDEL', k.open, identity) end
  redis.call('ZREM', k.times, number)
  mend_edges.put_batch(number)
end

-- The batch is no more; its jobs wait for a worker, who lets them gather again.
function mend_edges.dissolve(number, now)
  local identity = string.match(redis.call('HGET', k.facts, number) or '', '\t(.*)$')
  if identity and redis.call('HGET', k.open, identity) == number then redis.call('HDEL', k.open, identity) end
  redis.call('HDEL', k.facts, number)
  redis.call('ZREM', k.times, number)
  local ids = redis.call('LRANGE', k.batch .. number, 0, -1)
  redis.call('UNLINK', k.batch .. number)
  for _, id in ipairs(ids) do
    if redis.call('ZSCORE', k.gathered, id) == number then mend_homes.rehome('ag', id, now) end
  end
end
