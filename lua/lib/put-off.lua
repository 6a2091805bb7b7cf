-- What dependents have to be told, and no call has told them yet: kept for housekeeping.
-- @require edges, features
-- @key meta q hash
-- @key dependents dd:<id> set
-- @key failed df:<id> set
-- @key needs dl:<id> set
-- @key results dr:<id> hash
-- @key pending dq list what \t number of the set, or nothing \t id \n body
-- @key detached dx:<n> set dependents that have still to be told
local put_off = {}

-- Keeps one for housekeeping, with the dependents that there are now.
function put_off.edge(e)
  -- At once, where it waits for none: another job could have its id by then.
  if e.what == 'G' and redis.call('EXISTS', k.needs .. e.id) == 0 then return redis.call('UNLINK', k.results .. e.id) end
  features.enable(redis.call('HGET', k.meta, 'bits') or '', 'd')
  local number = ''
  if string.find('UGO', e.what, 1, true) == nil then
    number = string.format('%.0f', redis.call('HINCRBY', k.meta, 'detached', 1))
    if redis.call('EXISTS', k.dependents .. e.id) == 1 then redis.call('RENAME', k.dependents .. e.id, k.detached .. number) end
    if e.what == 'R' then redis.call('DEL', k.failed .. e.id) end
  end
  redis.call('RPUSH', k.pending, e.what .. '\t' .. number .. '\t' .. e.id .. '\n' .. e.body)
end

function put_off.all()
  for _, e in ipairs(edges.take()) do put_off.edge(e) end
end
