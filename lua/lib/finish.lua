-- The one place that ends a job: outcome, index of its final state, waiters, event. Collected, then written variadic.
-- @require record, events
-- @key jobs j hash
-- @key headers m hash
-- @key outcomes o hash id -> state letter, end, attempt, duration \n result or error
-- @key errors x:e hash id -> last error of a job not yet ended
-- @key finished f:<state> zset id -> end
-- @key own y:<state> zset id -> when to delete, for jobs with an age of their own
-- @key waiters aw hash id -> expiry \t channels
-- @key notes s:<id> hash
local finish = {}

finish.STATES = { c = 'completed', f = 'failed', t = 'timed_out', b = 'broken', x = 'cancelled' }
local AWAITED_MS = 60000

local ended = {}

-- { id, letter, flags, attempt, duration, body, name }
function finish.push(job) ended[#ended + 1] = job end

-- How long the job is kept by its own wish: nil = as the queue keeps its state.
local function own_age(job)
  if not string.find(job.flags, 'k', 1, true) then return nil end
  local envelope = redis.call('HGET', k.jobs, job.id)
  local ages = envelope and record.field(envelope, 'k') or ':'
  return tonumber(string.match(ages, job.letter == 'c' and '^(%d+):' or ':(%d+)$'))
end

local function tell_waiters(waiting, job, outcome)
  for channel in string.gmatch(string.match(waiting, '\t(.*)$'), '%S+') do
    redis.call('PUBLISH', channel, job.id .. '\t' .. outcome)
  end
  redis.call('HDEL', k.waiters, job.id)
end

function finish.delete(ids, with_notes)
  redis.call('HDEL', k.jobs, unpack(ids))
  redis.call('HDEL', k.headers, unpack(ids))
  redis.call('HDEL', k.outcomes, unpack(ids))
  if with_notes and #with_notes > 0 then redis.call('DEL', unpack(with_notes)) end
end

local function add_to(sets, key, score, id)
  local set = sets[key]
  if not set then set = {}; sets[key] = set end
  set[#set + 1] = score
  set[#set + 1] = id
end

-- `drop` holds the letters of the states that the queue does not keep at all.
function finish.flush(now, bits, drop)
  if #ended == 0 then return end
  local gone, failed_once, headed, notes, texts, sets = {}, {}, {}, {}, {}, {}
  local waiting = {}
  if string.find(bits, 'a', 1, true) then
    local ids = {}
    for i = 1, #ended do ids[i] = ended[i].id end
    waiting = redis.call('HMGET', k.waiters, unpack(ids))
  end
  local at = string.format('%.0f', now)
  for i = 1, #ended do
    local job = ended[i]
    local outcome = job.letter .. at .. ',' .. job.attempt .. ',' .. job.duration .. '\n' .. job.body
    local age = own_age(job)
    local keep = age ~= 0 and (age or not string.find(drop, job.letter, 1, true))
    if waiting[i] then
      if not keep or (age and age < AWAITED_MS) then keep, age = true, AWAITED_MS end
      tell_waiters(waiting[i], job, outcome)
    end
    if keep then
      texts[#texts + 1] = job.id
      texts[#texts + 1] = outcome
      if age then add_to(sets, k.own .. finish.STATES[job.letter], string.format('%.0f', now + age), job.id)
      else add_to(sets, k.finished .. finish.STATES[job.letter], at, job.id) end
    else
      gone[#gone + 1] = job.id
      if string.find(job.flags, 'H', 1, true) then headed[#headed + 1] = job.id end
      if string.find(job.flags, 'N', 1, true) then notes[#notes + 1] = k.notes .. job.id end
    end
    if string.find(job.flags, 'H', 1, true) then failed_once[#failed_once + 1] = job.id end
    events.push(job.letter, job.id, job.name)
  end
  if #gone > 0 then redis.call('HDEL', k.jobs, unpack(gone)) end
  if #headed > 0 then redis.call('HDEL', k.headers, unpack(headed)) end
  if #failed_once > 0 then redis.call('HDEL', k.errors, unpack(failed_once)) end
  if #notes > 0 then redis.call('DEL', unpack(notes)) end
  if #texts > 0 then redis.call('HSET', k.outcomes, unpack(texts)) end
  for key, set in pairs(sets) do redis.call('ZADD', key, unpack(set)) end
  ended = {}
end
