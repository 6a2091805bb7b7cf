-- The one place that writes events: a batch of changes is one stream entry (at most 100 jobs and 16 KiB), never a payload.
-- A line is letter \t id \t name; the letters are in lua/README.md.
-- @key events ev stream t = time, b = lines, p = id of the entry before
-- @key nudge n channel
local events = {}

local noted = {}

-- Only noted here: most queues have no listener, and then nothing is put together.
function events.push(letter, id, name)
  local n = #noted
  noted[n + 1] = letter
  noted[n + 2] = id
  noted[n + 3] = name or ''
end

-- Each entry names the one before: a reader sees what it missed, whatever has taken it away.
local function write(now, lines, from, to, previous)
  return redis.call('XADD', k.events, 'MAXLEN', '~', 1000, '*', 't', now, 'b', table.concat(lines, '\n', from, to), 'p', previous)
end

-- The id of the newest entry, '0-0' without one.
function events.newest()
  local newest = redis.call('XREVRANGE', k.events, '+', '-', 'COUNT', 1)
  return newest[1] and newest[1][1] or '0-0'
end

-- Writes what was pushed, if anybody listens: `bits` are the queue's.
function events.flush(bits, now)
  if #noted == 0 then return end
  local told, lines = noted, {}
  -- Also where nobody listens: what follows may be of another queue.
  noted = {}
  if not string.find(bits, 'e', 1, true) then return end
  for i = 1, #told, 3 do lines[#lines + 1] = told[i] .. '\t' .. told[i + 1] .. '\t' .. told[i + 2] end
  local from, bytes, previous = 1, 0, events.newest()
  for i = 1, #lines do
    bytes = bytes + #lines[i] + 1
    if i > from and (i - from >= 100 or bytes > 16384) then
      previous = write(now, lines, from, i - 1, previous)
      from, bytes = i, #lines[i] + 1
    end
  end
  write(now, lines, from, #lines, previous)
  redis.call('PUBLISH', k.nudge, '')
end
