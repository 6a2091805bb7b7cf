-- The one place that ends a job: outcome, index of its final state, waiters, event. Collected, then written variadic.
-- @require record, completed, events, forget, unique, failures, stats, edges
-- @key jobs j hash
-- @key outcomes o hash id -> state letter, end, attempt, duration \n result or error
-- @key errors e hash id -> last error of a job not yet ended
-- @key finished f:<state> zset id -> end; of completed jobs see `completed`
-- @key own y:<state> zset id -> when to delete, for jobs with an age of their own; ending in .5: when to go to f:<state>
-- @key waiters aw hash id -> expiry \t channels
local finish = {}

-- However short a job is kept, a result that somebody waits for stays this long.
local AWAITED_MS = 60000

local ended = {}

-- { id, letter, facts, attempt, duration, body, name, place, kind }; without a place it is 0. `kind` of error: see `failures`.
function finish.push(job) ended[#ended + 1] = job end

-- How long the job is kept by its own wish: nil = as the queue keeps its state.
local function own_age(job)
  local ages = job.facts ~= '' and record.fact(job.facts, 'k')
  return ages and tonumber(string.match(ages, job.letter == 'c' and '^(%d+):' or ':(%d+)$')) or nil
end

local function tell_waiters(waiting, id, outcome)
  for channel in string.gmatch(string.match(waiting, '\t(.*)$') or '', '%S+') do
    redis.call('PUBLISH', channel, id .. '\t' .. outcome)
  end
  redis.call('HDEL', k.waiters, id)
end

local function waiting_for(bits)
  if not string.find(bits, 'a', 1, true) then return {} end
  local ids = {}
  for i = 1, #ended do ids[i] = ended[i].id end
  return redis.call('HMGET', k.waiters, unpack(ids))
end

-- Stands for the list of completed jobs.
local DONE = 'done'

-- Where the job goes from here: the key of its index and its score there; nil = nowhere, it is forgotten.
local function home(job, is_awaited, drop, now)
  local age = own_age(job)
  local state = record.STATES[job.letter]
  -- What another job of its id replaces is taken out by who replaces it: none that depends on it is to hear that it is gone.
  local dropped = not job.has_heir and (age == 0 or (not age and string.find(drop, job.letter, 1, true)))
  if is_awaited and (dropped or (age and age < AWAITED_MS)) then age, dropped = AWAITED_MS, false end
  if dropped then return nil end
  if age then return k.own .. state, string.format('%.0f', now + age) end
  -- The count of the queue could take an awaited job at once: it joins the others of its state after its time.
  if is_awaited then return k.own .. state, string.format('%.0f', now + AWAITED_MS - 1) .. '.5' end
  if job.letter == 'c' then return DONE end
  return k.finished .. state, string.format('%.0f', now)
end

local function add(lists, key, a, b)
  local list = lists[key]
  if not list then list = {}; lists[key] = list; lists[#lists + 1] = key end
  list[#list + 1] = a
  list[#list + 1] = b
end

-- `drop` holds the letters of the states that the queue does not keep at all.
function finish.flush(now, bits, drop)
  if #ended == 0 then return end
  local gone, gone_with, flags, flagged, texts, sets, done = {}, {}, {}, {}, {}, {}, {}
  local waiting = waiting_for(bits)
  local at = string.format('%.0f', now)
  for i = 1, #ended do
    local job = ended[i]
    if job.letter ~= 'c' then stats.count_job(job, job.letter) end
    local key, score = home(job, waiting[i], drop, now)
    if key then
      local outcome = job.letter .. at .. ',' .. job.attempt .. ',' .. job.duration .. '\n' .. job.body
      texts[#texts + 1] = job.id
      texts[#texts + 1] = outcome
      if key == DONE then done[#done + 1] = record.entry(job.id, job.place or '0')
      else add(sets, key, score, job.id) end
      failures.enter(job, at)
      if waiting[i] then tell_waiters(waiting[i], job.id, outcome) end
    elseif record.has(job.facts, 'H') then
      gone_with[#gone_with + 1] = job.id
      flags[#gone_with] = record.flags(job.facts)
    else gone[#gone + 1] = job.id end
    if key and record.has(job.facts, 'H') then flagged[#flagged + 1] = job.id end
    -- What depends on a job that another one of its id replaces, depends on that one.
    if job.facts ~= '' and record.has(job.facts, 'P') and not job.has_heir then edges.note(job.is_cascade and 'X' or job.letter, job.id, job.body) end
    unique.release(job.id, job.facts)
    events.push(job.letter, job.id, job.name)
  end
  if #gone > 0 then redis.call('HDEL', k.jobs, unpack(gone)) end
  forget.jobs(gone_with, flags)
  if #flagged > 0 then redis.call('HDEL', k.errors, unpack(flagged)) end
  if #texts > 0 then redis.call('HSET', k.outcomes, unpack(texts)) end
  for i = 1, #sets do redis.call('ZADD', sets[i], unpack(sets[sets[i]])) end
  completed.append(done)
  failures.flush()
  stats.flush(now)
  ended = {}
end

-- Jobs without facts, completed at their first attempt: `plain` = id, `duration \n result`, id, …
function finish.completed(plain, now, bits, drop)
  for i = 1, #plain, 2 do
    local duration, body = string.match(plain[i + 1], '^(%d+)\n(.*)$')
    finish.push({ id = plain[i], letter = 'c', facts = '', attempt = 1, duration = duration, body = body })
  end
  finish.flush(now, bits, drop)
end

-- The same where nobody listens or waits. Most jobs end here, so it writes what push and flush would write, without a table
-- a job.
function finish.plain(ids, plain, now, drop)
  if string.find(drop, 'c', 1, true) then return redis.call('HDEL', k.jobs, unpack(ids)) end
  local at = string.format('%.0f', now)
  local head = 'c' .. at .. ',1,'
  for i = 2, #plain, 2 do plain[i] = head .. plain[i] end
  redis.call('HSET', k.outcomes, unpack(plain))
  completed.append(ids)
end
