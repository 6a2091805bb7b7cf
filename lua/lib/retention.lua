-- Deletes finished jobs past their count or age, in bounded steps, and what else has outlived its time.
-- @require record, finish
-- @key headers m hash
-- @key meta q hash
-- @key finished f:<state> zset
-- @key own y:<state> zset
-- @key ids ids zset id given by a user -> until when it is remembered
-- @key waiters aw hash
local retention = {}

local DEFAULT = {
  completed = '1000,86400000', cancelled = '1000,86400000',
  failed = '10000,2592000000', timed_out = '10000,2592000000', broken = '10000,2592000000',
}

local function forget(key, ids)
  if #ids == 0 then return end
  local headers = redis.call('HMGET', k.headers, unpack(ids))
  local notes = {}
  for i = 1, #ids do
    if headers[i] and record.has(record.header(headers[i]).flags, 'N') then notes[#notes + 1] = finish.notes_key(ids[i]) end
  end
  redis.call('ZREM', key, unpack(ids))
  finish.delete(ids, notes)
end

local function prune_state(state, now, budget)
  local key = k.finished .. state
  local count, age = string.match(redis.call('HGET', k.meta, 'keep:' .. state) or DEFAULT[state], '^(%d*),(%d*)$')
  local done = 0
  if count ~= '' then
    local over = math.min(redis.call('ZCARD', key) - tonumber(count), budget)
    if over > 0 then
      forget(key, redis.call('ZRANGE', key, 0, over - 1))
      done = over
    end
  end
  if age ~= '' and done < budget then
    local old = redis.call('ZRANGEBYSCORE', key, '-inf', string.format('%.0f', now - age), 'LIMIT', 0, budget - done)
    forget(key, old)
    done = done + #old
  end
  return done
end

-- Deletes at most `budget` jobs; returns how many.
function retention.prune(now, budget)
  local done = 0
  local at = string.format('%.0f', now)
  for _, state in pairs(record.STATES) do
    if done < budget then done = done + prune_state(state, now, budget - done) end
    local old = redis.call('ZRANGEBYSCORE', k.own .. state, '-inf', at, 'LIMIT', 0, math.max(budget - done, 1))
    forget(k.own .. state, old)
    done = done + #old
  end
  local ids = redis.call('ZRANGEBYSCORE', k.ids, '-inf', at, 'LIMIT', 0, budget)
  if #ids > 0 then redis.call('ZREM', k.ids, unpack(ids)) end
  return done
end

-- Waits whose client did not ask again in time.
function retention.drop_waiters(now)
  local page = redis.call('HSCAN', k.waiters, 0, 'COUNT', 100)
  for i = 1, #page[2], 2 do
    if tonumber(string.match(page[2][i + 1], '^%d+')) <= now then redis.call('HDEL', k.waiters, page[2][i]) end
  end
  return redis.call('HLEN', k.waiters)
end
