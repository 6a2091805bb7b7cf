-- Deletes finished jobs past their count or age, in bounded steps, and what else has outlived its time.
-- @require record, completed, forget, failures
-- @key jobs j hash
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
local AWAITED_MS = 60000

-- Each state has a share of a pass, so that none waits behind another; the one with most jobs comes last and gets the rest.
local ORDER = { 'cancelled', 'broken', 'timed_out', 'failed', 'completed' }

-- Forgets the first jobs of an index. By rank: removing a thousand members one by one is four times as dear.
local function forget_first(key, state, ids)
  if #ids == 0 then return end
  if state ~= 'completed' and state ~= 'cancelled' then failures.left(ids) end
  local headers = redis.call('HMGET', k.headers, unpack(ids))
  redis.call('ZREMRANGEBYRANK', key, 0, #ids - 1)
  forget.finished(ids, headers)
end

local function prune_state(state, now, budget)
  local key = k.finished .. state
  local count, age = string.match(redis.call('HGET', k.meta, 'keep:' .. state) or '', '^(%d*),(%d*)$')
  if not count then count, age = string.match(DEFAULT[state], '^(%d*),(%d*)$') end
  if state == 'completed' then return completed.prune(now, budget, count, age, forget.finished) end
  local done = 0
  if count ~= '' then
    local over = math.min(redis.call('ZCARD', key) - tonumber(count), budget)
    if over > 0 then
      forget_first(key, state, redis.call('ZRANGE', key, 0, over - 1))
      done = over
    end
  end
  if age ~= '' and done < budget then
    local old = redis.call('ZRANGEBYSCORE', key, '-inf', string.format('%.0f', now - age), 'LIMIT', 0, budget - done)
    forget_first(key, state, old)
    done = done + #old
  end
  return done
end

-- Jobs kept by a wish of their own: deleted; those kept for a waiter: on to the others of their state, by the time of their end.
local function prune_own(state, now, budget)
  local key = k.own .. state
  local old = redis.call('ZRANGEBYSCORE', key, '-inf', string.format('%.0f', now), 'WITHSCORES', 'LIMIT', 0, budget)
  local dead, moved, done = {}, {}, {}
  for i = 1, #old, 2 do
    if string.find(old[i + 1], '.', 1, true) then
      redis.call('ZREM', key, old[i])
      if state == 'completed' then done[#done + 1] = old[i]
      else
        moved[#moved + 1] = string.format('%.0f', math.ceil(tonumber(old[i + 1])) - AWAITED_MS)
        moved[#moved + 1] = old[i]
      end
    else dead[#dead + 1] = old[i] end
  end
  forget_first(key, state, dead)
  if #done > 0 then
    local headers = redis.call('HMGET', k.headers, unpack(done))
    for i = 1, #done do done[i] = record.entry(done[i], record.place(headers[i])) end
    completed.append(done)
  end
  if #moved > 0 then redis.call('ZADD', k.finished .. state, unpack(moved)) end
  return #old / 2
end

local LOOK_AGAIN_MS = 3600000

-- Forgets ids whose time is over, but not before their jobs are gone: `add-checked` looks for jobs of given ids here. Those
-- that stay are looked at again later; the fraction says that their time is over.
local function forget_ids(now, budget)
  local ids = redis.call('ZRANGEBYSCORE', k.ids, '-inf', string.format('%.0f', now), 'LIMIT', 0, budget)
  local gone, staying = {}, {}
  local later = string.format('%.0f', now + LOOK_AGAIN_MS) .. '.5'
  for _, id in ipairs(ids) do
    if redis.call('HEXISTS', k.jobs, id) == 0 then gone[#gone + 1] = id
    else staying[#staying + 1] = later; staying[#staying + 1] = id end
  end
  if #gone > 0 then redis.call('ZREM', k.ids, unpack(gone)) end
  if #staying > 0 then redis.call('ZADD', k.ids, unpack(staying)) end
  return #ids
end

-- Deletes about `budget` jobs at most; true if there are more.
function retention.prune(now, budget)
  local share, done, more = math.ceil(budget / #ORDER), 0, false
  for i, state in ipairs(ORDER) do
    local most = i == #ORDER and math.max(share, budget - done) or share
    local own = prune_own(state, now, math.ceil(most / 2))
    local n = own + prune_state(state, now, most - own)
    if n >= most or own >= math.ceil(most / 2) then more = true end
    done = done + n
  end
  return forget_ids(now, budget) == budget or more
end

-- Drops waits whose client did not ask again in time, a part of them at each pass; how many are left.
function retention.drop_waiters(now)
  local page = redis.call('HSCAN', k.waiters, redis.call('HGET', k.meta, 'waits') or '0', 'COUNT', 100)
  for i = 1, #page[2], 2 do
    if (tonumber(string.match(page[2][i + 1], '^%d+')) or 0) <= now then redis.call('HDEL', k.waiters, page[2][i]) end
  end
  redis.call('HSET', k.meta, 'waits', page[1])
  return redis.call('HLEN', k.waiters)
end
