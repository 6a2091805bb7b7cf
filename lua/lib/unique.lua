-- Unique keys: a job that was added with one holds it until it has ended (field u of its envelope) or started (field v), or
-- for a time, whatever becomes of it. A key is digits: what clients make of the text or the data; in the field a colon follows
-- where the time is bounded, so that nobody misses the key after it.
-- @require refuse, record
-- @key holders uk hash key -> id \t expiry
-- @key expiries uz zset key -> expiry
local unique = {}

-- Of the line u: key, u or v or nothing, how long, policy k j r [, x]. Without a line the body has no such field.
function unique.check(values, body)
  local key, letter, ms, policy = unpack(values or { '0', '', '0', 'k' })
  if not string.find(key, '^%d+$') or #key > 40 or not string.find(letter, '^[uv]?$') or not string.find(ms, '^%d*$') or #ms > 15
    or (letter == '' and ms == '') or not string.find(policy, '^[kjr]$') or (values and values[5] and values[5] ~= 'x') then
    refuse.call('The line "u" of a job cannot be read.')
  end
  local fields = string.match(body, '^%a*\t[^\t]*\t([^\t]*)\t')
  for _, field in ipairs({ 'u', 'v' }) do
    if record.fact(fields, field) ~= (field == letter and key .. (ms == '' and '' or ':') or nil) then
      refuse.call('The fields of a job and its line "u" do not agree.')
    end
  end
end

-- Who holds the key, nil if nobody does.
function unique.holder(key, now)
  local entry = redis.call('HGET', k.holders, key)
  if not entry then return nil end
  local id, expiry = string.match(entry, '^(.*)\t(%d*)$')
  if not id or (expiry ~= '' and tonumber(expiry) <= now) then return nil end
  return id
end

-- `ms`: how long at most, '' = until it is released.
function unique.hold(key, id, ms, now)
  local expiry = ms ~= '' and string.format('%.0f', now + ms) or ''
  redis.call('HSET', k.holders, key, id .. '\t' .. expiry)
  if expiry ~= '' then redis.call('ZADD', k.expiries, expiry, key) else redis.call('ZREM', k.expiries, key) end
end

-- The key that a job with these facts holds, nil without one.
function unique.key(facts)
  if facts == '' then return nil end
  return string.match(record.fact(facts, 'u') or record.fact(facts, 'v') or '', '^%d+')
end

-- The job holds its key no more, if it did: another may have it since.
function unique.release(id, facts)
  local key = unique.key(facts)
  local entry = key and redis.call('HGET', k.holders, key)
  if not entry or string.sub(entry, 1, #id + 1) ~= id .. '\t' then return end
  redis.call('HDEL', k.holders, key)
  redis.call('ZREM', k.expiries, key)
end

-- Its run begins: a key that is held until then is free.
function unique.started(id, facts)
  if facts ~= '' and record.fact(facts, 'v') then unique.release(id, facts) end
end

-- A job that had ended holds its key again; false if another has it. One that was freed at its start stays free.
function unique.retake(id, facts, now)
  local key = facts ~= '' and string.match(record.fact(facts, 'u') or '', '^%d+')
  if not key then return true end
  local holder = unique.holder(key, now)
  if holder and holder ~= id then return false end
  if not holder then unique.hold(key, id, '', now) end
  return true
end

-- Forgets keys whose time is over; true if there may be more.
function unique.prune(now, budget)
  local keys = redis.call('ZRANGEBYSCORE', k.expiries, '-inf', string.format('%.0f', now), 'LIMIT', 0, budget)
  if #keys == 0 then return false end
  redis.call('ZREM', k.expiries, unpack(keys))
  redis.call('HDEL', k.holders, unpack(keys))
  return #keys == budget
end
