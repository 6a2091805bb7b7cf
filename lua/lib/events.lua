-- The one place that writes events: a batch of changes is one stream entry (at most 100 jobs and 16 KiB), never a payload.
-- A line is letter \t id \t name; the letters are in lua/README.md.
-- @key events ev stream t = time, b = lines
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

local function write(now, lines, from, to)
  redis.call('XADD', k.events, 'MAXLEN', '~', 1000, '*', 't', now, 'b', table.concat(lines, '\n', from, to))
end

-- Writes what was pushed, if anybody listens: `bits` are the queue's.
function events.flush(bits, now)
  if #noted == 0 or not string.find(bits, 'e', 1, true) then return end
  local lines = {}
  for i = 1, #noted, 3 do lines[#lines + 1] = noted[i] .. '\t' .. noted[i + 1] .. '\t' .. noted[i + 2] end
  local from, bytes = 1, 0
  for i = 1, #lines do
    bytes = bytes + #lines[i] + 1
    if i > from and (i - from >= 100 or bytes > 16384) then
      write(now, lines, from, i - 1)
      from, bytes = i, #lines[i] + 1
    end
  end
  write(now, lines, from, #lines)
  noted = {}
  redis.call('PUBLISH', k.nudge, '')
end
