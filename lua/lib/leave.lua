-- Every exit of a job from active. The hold goes first: a shrinking write, so that it works when memory is full.
-- @require record, ready, finish, events, wake
-- @key held h:<epoch> hash id -> slot.seq.flags
-- @key headers m hash
-- @key jobs j hash
-- @key errors e hash
-- @key delayed d zset
-- @key retrying t zset
-- @key unclaimed u:<name> zset
-- @key names un set
local leave = {}

local MAX_STALLS = 3
local STALLED = '{"name":"JobStalledError","code":"STALLED","kind":"stalled","message":"The process that ran the job vanished, each time it was tried."}'

-- What has been collected for the writes below.
local headers, errors, front

local function save(row) headers[#headers + 1] = row.id; headers[#headers + 1] = record.header_text(row.header) end

local function finish_as(letter, e, row, body)
  local h = row.header
  local flags = e.flags
  if letter == 'f' or letter == 't' then
    h.failures = h.failures + (e.how == 's' and 0 or 1)
    save(row)
    flags = flags .. 'H'
  end
  local charged = (letter == 'f' or letter == 't') and 0 or 1
  finish.push({ id = e.id, letter = letter, flags = flags, attempt = h.failures + h.stalls + charged,
    duration = e.duration, body = body, name = e.name })
end

local function later(e, row, now)
  local h = row.header
  if e.how == 'r' then h.failures, h.uncounted = h.failures + 1, 0 else h.uncounted = h.uncounted + 1 end
  save(row)
  if e.body ~= '' then errors[#errors + 1] = e.id; errors[#errors + 1] = e.body end
  redis.call('ZADD', e.how == 'z' and k.delayed or k.retrying, string.format('%.0f', now + e.delay), e.id)
  events.push(e.how == 'z' and 'd' or 'r', e.id, e.name)
end

local function stall_limit(id)
  local envelope = redis.call('HGET', k.jobs, id)
  return envelope and tonumber(record.field(envelope, 's')) or MAX_STALLS
end

-- A stall is charged on positive evidence only: the start mark. Without it the job becomes suspect, and its next start is marked.
local function reclaim(e, row)
  local h = row.header
  if record.has(e.flags, 'M') then
    h.stalls = h.stalls + 1
    if h.stalls >= stall_limit(e.id) then return finish_as('f', e, row, STALLED) end
  end
  if not record.has(h.flags, 'S') then h.flags = h.flags .. 'S' end
  save(row)
  front[#front + 1] = row
  events.push('s', e.id, e.name)
end

local function set_aside(e, name)
  redis.call('SADD', k.names, name)
  redis.call('ZADD', k.unclaimed .. name, redis.call('ZCARD', k.unclaimed .. name), e.id)
  events.push('n', e.id, name)
end

local function move(e, row, now)
  if e.how == 'r' or e.how == 'u' or e.how == 'z' then later(e, row, now)
  elseif e.how == 's' then reclaim(e, row)
  elseif e.how == 'g' then front[#front + 1] = row; events.push('w', e.id, e.name)
  elseif e.how == 'n' then set_aside(e, e.name)
  else finish_as(e.how, e, row, e.body) end
end

-- entries: { id, flags, how, delay, duration, body, name }; how = c completed, r retry, u retry uncounted, z snooze,
-- f t b x final states, g given back, n no handler, s reclaimed. Given-back and reclaimed ones are in the order to run.
function leave.apply(epoch, entries, now, bits, drop)
  if #entries == 0 then return end
  local ids, marked, returning = {}, {}, {}
  for i = 1, #entries do
    local e = entries[i]
    ids[i] = e.id
    if e.how == 'g' or e.how == 's' then returning[#returning + 1] = e.id
    elseif e.how ~= 'c' or record.has(e.flags, 'H') then marked[#marked + 1] = e.id end
  end
  redis.call('HDEL', k.held .. epoch, unpack(ids))
  headers, errors, front = {}, {}, {}
  local rows = {}
  for _, row in ipairs(record.load(marked, false)) do rows[row.id] = row end
  for _, row in ipairs(record.load(returning, string.find(bits, 'p', 1, true))) do rows[row.id] = row end
  for i = 1, #entries do
    local e = entries[i]
    if rows[e.id] then move(e, rows[e.id], now)
    else finish.push({ id = e.id, letter = 'c', flags = e.flags, attempt = 1, duration = e.duration, body = e.body, name = e.name }) end
  end
  if #headers > 0 then redis.call('HSET', k.headers, unpack(headers)) end
  finish.flush(now, bits, drop)
  if #errors > 0 then redis.call('HSET', k.errors, unpack(errors)) end
  ready.put_front(front, bits)
  wake.some(#front)
end
