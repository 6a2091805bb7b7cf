-- A sliding window: how many times something happened in the last `per` ms. A list of time,count, oldest first; the count goes
-- on from the first that there ever was, and the head is the last entry that has left the window.
local window = {}

local PAGE = 64
-- Entries of so small a part of the window become one: a thousand at most, each of the time of its last.
local PARTS = 1000

local function read(entry)
  local at, count = string.match(entry, '^(%d+),(%d+)$')
  return tonumber(at) or 0, tonumber(count) or 0
end

-- Entries from the head on, of which the first is the last that has left the window.
local function entries_of(key, per, now)
  while true do
    local entries, past = redis.call('LRANGE', key, 0, PAGE - 1), 0
    for i = 1, #entries do
      if read(entries[i]) + per > now then break end
      past = i
    end
    if past > 1 then redis.call('LPOP', key, past - 1) end
    if past < PAGE then return { unpack(entries, math.max(past, 1)) } end
  end
end

-- The clock was set back: what was counted cannot be placed in time any more.
local function is_ahead(last, now) return last ~= nil and read(last) > now end

-- How many more may happen now, and if none, after how many ms one may.
function window.look(key, most, per, now)
  local last = redis.call('LINDEX', key, -1)
  if not last then return most, 0 end
  if is_ahead(last, now) then redis.call('DEL', key) return most, 0 end
  local entries = entries_of(key, per, now)
  local _, first = read(entries[1])
  local _, count = read(last)
  if count - first < most then return most - (count - first), 0 end
  local wait = 1
  for i = 2, #entries do
    local at, before = read(entries[i])
    wait = at + per - now
    if count - before < most then break end
  end
  return 0, wait
end

-- `n` more have happened.
function window.add(key, n, per, now)
  local last = redis.call('LINDEX', key, -1)
  local at, count = 0, 0
  if last then at, count = read(last) else redis.call('RPUSH', key, '0,0') end
  local entry = string.format('%.0f,%.0f', now, count + n)
  local part = math.ceil(per / PARTS)
  if math.floor(at / part) == math.floor(now / part) then redis.call('LSET', key, -1, entry)
  else redis.call('RPUSH', key, entry) end
end

-- What happened at these times is counted no more, as far as it still is. Entries are of parts, and each lies at the end of its own.
function window.take_back(key, per, times, now)
  table.sort(times)
  local part, less, before, next_one = math.ceil(per / PARTS), 0, 0, 1
  local entries = redis.call('LRANGE', key, 0, -1)
  for i = 1, #entries do
    local at, count = read(entries[i])
    while times[next_one] and times[next_one] <= at do
      if at + per > now and math.floor(times[next_one] / part) == math.floor(at / part) then less = less + 1 end
      next_one = next_one + 1
    end
    before = math.max(before, count - less)
    if before < count then redis.call('LSET', key, i - 1, string.format('%.0f,%.0f', at, before)) end
  end
end
