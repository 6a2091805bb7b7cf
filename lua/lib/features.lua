-- Which features a queue uses, one letter each (the queue's bits): a feature that is off costs no call.
-- p priorities, a awaited results, e events, g ghosts being swept, s schedules, l limits, w resources, b batches, o groups,
-- d ends of which dependents have still to be told.
-- @require refuse
-- @key meta q hash
-- @key leases L zset epoch -> expiry
-- @key held h:<epoch> hash
local features = {}

-- The release from which a worker knows the letter.
local SINCE = { p = 1, a = 1, e = 1, g = 1, s = 1, l = 1, w = 1, b = 1, o = 1, d = 1 }

function features.are_known(bits)
  return bits == '' or string.find(bits, '[^paegslwbod]') == nil
end

-- For commands that a producer or a person sends: they would not keep what a newer feature needs kept.
function features.need_known(bits)
  if features.are_known(bits) then return end
  refuse.with('UPGRADE_REQUIRED', 'The queue uses features (' .. bits .. ') that this release does not know.')
end

-- Whether every live worker knows the letter.
function features.is_understood(letter)
  for _, epoch in ipairs(redis.call('ZRANGE', k.leases, 0, 999)) do
    local open = redis.call('HGET', k.held .. epoch, '\topen')
    if open and tonumber(string.match(open, '^%d+')) < SINCE[letter] then return false end
  end
  return true
end

-- Switches a letter on, before the command's first other write.
function features.enable(bits, letter)
  if string.find(bits, letter, 1, true) then return bits end
  if not features.is_understood(letter) then
    refuse.with('UPGRADE_REQUIRED', 'A running worker is too old for this. Stop the old release first.')
  end
  bits = bits .. letter
  redis.call('HSET', k.meta, 'bits', bits)
  return bits
end

-- The same for several.
function features.enable_all(bits, letters)
  for letter in string.gmatch(letters, '.') do bits = features.enable(bits, letter) end
  return bits
end

function features.disable(bits, letter)
  if not string.find(bits, letter, 1, true) then return bits end
  bits = string.gsub(bits, letter, '')
  redis.call('HSET', k.meta, 'bits', bits)
  return bits
end
