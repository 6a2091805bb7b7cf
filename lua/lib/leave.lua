-- Every exit of a job from active. The hold goes first: a shrinking write, so that it works when memory is full.
-- @require record, ready, finish, events, wake, aside, failure, limits, groups, refund, resources, serving, history, aggregation, stats
-- @key held h:<epoch> hash id -> slot.seq.facts
-- @key headers m hash
-- @key errors e hash
-- @key delayed d zset
-- @key retrying t zset
local leave = {}

local MAX_STALLS = 3
local STALLED = '{"name":"JobStalledError","code":"JOB_STALLED","kind":"stalled","message":"The process that ran the job vanished, each time it was tried."}'

-- What has been collected for the writes below.
local headers, errors, front, delayed, retrying
local stalled = {}

local function save(row) headers[#headers + 1] = row.id; headers[#headers + 1] = record.header_text(row.header) end

local function finish_as(letter, e, row, body)
  local h = row.header
  local facts = e.facts
  local charged = 1
  if letter == 'f' or letter == 't' then
    h.failures = h.failures + (e.how == 's' and 0 or 1)
    charged = 0
  end
  local attempt = h.failures + h.stalls + charged
  if letter ~= 'c' or record.has(h.flags, 'Y') then
    history.note(e, row, letter, attempt, body)
    save(row)
    facts = facts .. 'H' .. h.flags
  end
  if letter ~= 'c' and letter ~= 'x' and record.has(facts, 'f') then failure.note(e.id, facts) end
  finish.push({ id = e.id, letter = letter, facts = facts, attempt = attempt,
    duration = e.duration, body = body, name = e.name, place = h.place, kind = e.kind, is_cascade = e.is_cascade, has_heir = e.has_heir })
end

local function later(e, row, now)
  local h = row.header
  history.note(e, row, e.how, h.failures + h.stalls + 1, e.body)
  if e.how == 'r' then h.failures, h.uncounted = h.failures + 1, 0 else h.uncounted = h.uncounted + 1 end
  if e.how == 'r' then stats.count_job(e, 'r') end
  save(row)
  if e.body ~= '' then errors[#errors + 1] = e.id; errors[#errors + 1] = e.body end
  local set = e.how == 'z' and delayed or retrying
  set[#set + 1] = string.format('%.0f', now + e.delay)
  set[#set + 1] = e.id
  events.push(e.how == 'z' and 'd' or 'r', e.id, e.name)
end

-- A stall is charged on positive evidence only: the start mark. Without it the job becomes suspect, and its next start is marked.
local function reclaim(e, row)
  local h = row.header
  if record.has(e.facts, 'M') then
    h.stalls = h.stalls + 1
    stats.count_job(e, 's')
    local limit = tonumber(record.fact(e.facts, 's')) or MAX_STALLS
    if h.stalls >= limit then
      stalled[#stalled + 1] = e.id
      e.kind = 'stalled'
      return finish_as('f', e, row, STALLED)
    end
  end
  if not record.has(h.flags, 'S') then h.flags = h.flags .. 'S' end
  if record.has(e.facts, 'M') then history.note(e, row, 's', h.failures + h.stalls, '') end
  save(row)
  front[#front + 1] = row
  events.push('s', e.id, e.name)
end

local function set_aside(e, row)
  if row.priority ~= 0 then save(row) end
  aside.put(e.name, e.id)
  events.push('n', e.id, e.name)
end

local function move(e, row, now)
  if e.how == 'r' or e.how == 'u' or e.how == 'z' then later(e, row, now)
  elseif e.how == 's' then reclaim(e, row)
  elseif e.how == 'g' then front[#front + 1] = row; events.push('w', e.id, e.name)
  elseif e.how == 'n' then set_aside(e, row)
  -- It goes on elsewhere: the caller takes it.
  elseif e.how == 'm' then return
  elseif e.how == 'a' then aggregation.join(e, row)
  else finish_as(e.how, e, row, e.body) end
end

-- The jobs of this call that stalled once more than they may: their own worker is gone, and cannot tell of it.
function leave.stalled() return stalled end

-- entries: { id, facts, how, delay, duration, body, name, kind, unstarted }; how = c completed, r retry, u retry uncounted, z snooze,
-- f t b x final states, g given back, n no handler, m moves, a joins a batch, s reclaimed. Given-back and reclaimed ones are in the order to run.
function leave.apply(epoch, entries, now, bits, drop)
  if #entries == 0 then return end
  local ids, odd = {}, {}
  for i = 1, #entries do
    local e = entries[i]
    ids[i] = e.id
    if e.how ~= 'c' or record.has(e.facts, 'H') then odd[#odd + 1] = e.id end
  end
  redis.call('HDEL', k.held .. epoch, unpack(ids))
  limits.freed(#ids, bits)
  if string.find(bits, '[lo]') then refund.run(entries, now) end
  if string.find(bits, 'o', 1, true) then groups.release(entries) end
  local freed = string.find(bits, 'w', 1, true) and resources.release(entries) or {}
  headers, errors, front, delayed, retrying = {}, {}, {}, {}, {}
  local stored = #odd > 0 and redis.call('HMGET', k.headers, unpack(odd)) or {}
  local n = 0
  for i = 1, #entries do
    local e = entries[i]
    if e.how ~= 'c' or record.has(e.facts, 'H') then
      n = n + 1
      move(e, record.row(e.id, stored[n], e.facts), now)
    else finish.push({ id = e.id, letter = 'c', facts = e.facts, attempt = 1, duration = e.duration, body = e.body, name = e.name }) end
  end
  if #headers > 0 then redis.call('HSET', k.headers, unpack(headers)) end
  history.flush(epoch, now)
  stats.flush(now)
  finish.flush(now, bits, drop)
  if #errors > 0 then redis.call('HSET', k.errors, unpack(errors)) end
  if #delayed > 0 then redis.call('ZADD', k.delayed, unpack(delayed)) end
  if #retrying > 0 then redis.call('ZADD', k.retrying, unpack(retrying)) end
  serving.serve(freed)
  ready.put_front(front, bits)
  wake.some(#front)
  aggregation.flush(now, bits)
  failure.flush(now, bits)
end

local function release(epoch, plain)
  local ids = {}
  for i = 1, #plain, 2 do ids[#ids + 1] = plain[i] end
  redis.call('HDEL', k.held .. epoch, unpack(ids))
  return ids
end

-- The same for jobs without facts that completed at their first attempt: id, `duration \n result`, id, …
function leave.completed(epoch, plain, now, bits, drop)
  limits.freed(#release(epoch, plain), bits)
  finish.completed(plain, now, bits, drop)
end

-- The same where nobody listens to events or waits for results, and no limit is to be kept.
function leave.plain(epoch, plain, now, drop)
  finish.plain(release(epoch, plain), plain, now, drop)
end
