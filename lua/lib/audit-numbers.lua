-- Of the counters from which numbers are given out: whether each can be read, and is not behind a number that is in use. A number that
-- is given twice brings a void entry to life, or puts a job before those that came earlier.
-- @require audit
-- @key meta q hash
-- @key limits ^rm hash
local audit_numbers = {}

-- Turns lie within 2^41 before and behind the middle of their priority; other numbers are exact up to 2^53.
local TURN, TURNS, EXACT = 4398046511104, 2000000000000, 9000000000000000
-- Those of the meta, and one that all queues of the slot share: the largest number that each can give.
local LARGEST = { turn = TURNS, head = TURNS, ring = EXACT, places = EXACT, batch = EXACT, detached = EXACT, aside = EXACT,
  pause = EXACT, ['\tturn'] = TURNS }

-- Whether this field of this key is such a counter.
function audit_numbers.is_counter(key, field) return LARGEST[field] ~= nil and audit_numbers.key(field) == key end

function audit_numbers.key(name) return name == '\tturn' and '^rm' or 'q' end

-- What is stored, and the number that it says; nil if that is none that can be given.
function audit_numbers.read(name)
  local text = redis.call('HGET', name == '\tturn' and k.limits or k.meta, name) or '0'
  local number = string.find(text, '^%d+$') and tonumber(text)
  return text, number and number <= LARGEST[name] and number or nil
end

local known, highest = {}, {}

local function said(name)
  known[name] = known[name] or { audit_numbers.read(name) }
  return unpack(known[name], 1, 2)
end

local function report(name, number)
  local text, can_be_read = said(name)
  local least = string.format('%.0f', number)
  highest[name] = number
  audit.report(can_be_read and 'miscounted' or 'unreadable', audit_numbers.key(name), name,
    'its counter is said to be ' .. string.sub(text, 1, 32) .. ', and ' .. least .. ' is in use', 'it goes on from there', least)
end

-- A number of the counter is in use. Told once, and again for a higher one.
function audit_numbers.need(name, text)
  local number = tonumber(text)
  if not number or number > LARGEST[name] or number <= (highest[name] or 0) then return end
  local _, last = said(name)
  if number > (last or 0) then report(name, number) end
end

-- The number of an entry that stands among the jobs of its priority: behind those that were there, or before them.
function audit_numbers.turn(score)
  local turn = score % TURN - TURN / 2
  if turn > 0 then audit_numbers.need('turn', turn) else audit_numbers.need('head', -turn) end
end

-- The same of one that waits for a resource.
function audit_numbers.resource_turn(score) audit_numbers.need('\tturn', score % TURN - TURN / 2) end

-- Counters that cannot be read, whatever is in use.
function audit_numbers.check()
  for name in pairs(LARGEST) do
    local _, last = said(name)
    if not last and not highest[name] then report(name, 0) end
  end
end
