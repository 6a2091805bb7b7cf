-- Of the meta of a queue: whether its counters are what a recount says, and whether the bits of all features are on that the queue
-- uses. What is too much to count in one call is left out.
-- @require record, holds, audit, audit-meta
-- @key meta q hash
-- @key ready r list
-- @key front rf list
-- @key jobs j hash
-- @key headers m hash
-- @key done fc list
-- @key outcomes o hash
-- @key leases L zset
-- @key facts af hash
-- @key times ad zset
-- @key above pp zset
-- @key below pn zset
-- @key waiters aw hash
-- @key definitions sc hash
-- @key wanting wr zset
-- @key group_names gn zset
-- @key pending dq list
local audit_counters = {}

-- Entries counted in one call.
audit_counters.MOST = 1000

local NUMBER = '^%-?%d+$'

local function miscounted(name, counted)
  local said = redis.call('HGET', k.meta, name) or '0'
  if tonumber(said) == counted then return end
  local kind = string.find(said, NUMBER) and 'miscounted' or 'unreadable'
  local what = name .. ' is said to be ' .. string.sub(said, 1, 32) .. ', and is ' .. string.format('%.0f', counted)
  audit.report(kind, 'q', name, what, 'it is counted anew', string.format('%.0f', counted))
end

-- Of a list that is too long to be counted here: whoever reads all of it compares.
local function uncounted(name)
  if string.find(redis.call('HGET', k.meta, name) or '0', NUMBER) then return end
  audit.report('unreadable', 'q', name, 'it cannot be read', 'it is counted anew', '0')
end

-- Of entries of a ready list: { id, header, is alive } each, and how many are ghosts.
function audit_counters.ready(entries)
  local ids, places, jobs, dead = {}, {}, {}, 0
  for i = 1, #entries do ids[i], places[i] = record.read_entry(entries[i]) end
  local headers = #ids > 0 and redis.call('HMGET', k.headers, unpack(ids)) or {}
  for i = 1, #ids do
    local is_alive
    if ids[i] == '' then is_alive = redis.call('HEXISTS', k.facts, string.sub(places[i], 2)) == 1
    else is_alive = places[i] == record.place(headers[i]) and redis.call('HEXISTS', k.jobs, ids[i]) == 1 end
    if not is_alive then dead = dead + 1 end
    jobs[i] = { id = ids[i], header = headers[i], is_alive = is_alive }
  end
  return jobs, dead
end

-- The same of the list of completed jobs; one of a job without an outcome is told apart.
function audit_counters.done(entries)
  local ids, places, jobs, dead = {}, {}, {}, 0
  for i = 1, #entries do ids[i], places[i] = record.read_entry(entries[i]) end
  local headers = #ids > 0 and redis.call('HMGET', k.headers, unpack(ids)) or {}
  for i = 1, #ids do
    local is_own = record.place(headers[i]) == places[i]
    local has_outcome = redis.call('HSTRLEN', k.outcomes, ids[i]) > 0
    local is_alive = is_own and has_outcome and string.sub(redis.call('HGET', k.outcomes, ids[i]), 1, 1) == 'c'
      and redis.call('HEXISTS', k.jobs, ids[i]) == 1
    if not is_alive then dead = dead + 1 end
    jobs[i] = { id = ids[i], header = headers[i], is_alive = is_alive, is_open = is_own and not has_outcome }
  end
  return jobs, dead
end

local function lists()
  if redis.call('LLEN', k.ready) + redis.call('LLEN', k.front) <= audit_counters.MOST then
    local _, ready = audit_counters.ready(redis.call('LRANGE', k.ready, 0, -1))
    local _, front = audit_counters.ready(redis.call('LRANGE', k.front, 0, -1))
    miscounted('ghosts', ready + front)
  else uncounted('ghosts') end
  if redis.call('LLEN', k.done) <= audit_counters.MOST then
    local _, gone = audit_counters.done(redis.call('LRANGE', k.done, 0, -1))
    miscounted('gone', gone)
  else uncounted('gone') end
end

local function active()
  local epochs, held = redis.call('ZRANGE', k.leases, 0, -1), 0
  if redis.call('HEXISTS', k.meta, 'concurrency') == 0 then
    if redis.call('HEXISTS', k.meta, 'active') == 1 then
      audit.report('miscounted', 'q', 'active', 'active jobs are counted, and nothing limits them', 'they are not')
    end
    return
  end
  if #epochs > audit_counters.MOST then
    uncounted('active')
    return audit.report('unchecked', 'q', 'active', 'how many jobs are held: there are more than 1,000 workers')
  end
  for _, epoch in ipairs(epochs) do held = held + holds.count(epoch) end
  miscounted('active', held)
end

-- Letters of the features that the queue uses and does not know of.
function audit_counters.bits()
  local on, missing = redis.call('HGET', k.meta, 'bits') or '', ''
  local function need(letter, is_used)
    if is_used and not record.has(on, letter) then missing = missing .. letter end
  end
  need('p', redis.call('EXISTS', k.above, k.below) > 0)
  need('a', redis.call('EXISTS', k.waiters) == 1)
  need('g', redis.call('EXISTS', k.front) == 1)
  need('s', redis.call('EXISTS', k.definitions) == 1)
  need('l', redis.call('HEXISTS', k.meta, 'concurrency') + redis.call('HEXISTS', k.meta, 'rate') > 0)
  need('w', redis.call('EXISTS', k.wanting) == 1)
  need('b', redis.call('EXISTS', k.facts) == 1)
  need('o', redis.call('EXISTS', k.group_names) == 1)
  need('d', redis.call('EXISTS', k.pending) == 1)
  return missing
end

function audit_counters.check()
  audit_meta.check()
  lists()
  active()
  miscounted('batches', redis.call('HLEN', k.facts) - redis.call('ZCARD', k.times))
  local missing = audit_counters.bits()
  if missing ~= '' then
    audit.report('feature', 'q', '', 'the queue does not know that it uses ' .. missing, 'the bits are set', missing)
  end
end
