-- Which features a queue uses, one letter each (the queue's bits): a feature that is off costs no call.
-- p priorities, a awaited results, e events, g ghosts being swept.
-- @key meta q hash
-- @key leases L zset epoch -> expiry
-- @key held h:<epoch> hash
local features = {}

-- The release from which a worker knows the letter.
local SINCE = { p = 1, a = 1, e = 1, g = 1 }

function features.are_known(bits)
  return string.find(bits, '[^paeg]') == nil
end

-- Switches a letter on, unless a live worker is too old to know it.
function features.enable(bits, letter)
  if string.find(bits, letter, 1, true) then return bits end
  for _, epoch in ipairs(redis.call('ZRANGE', k.leases, 0, 999)) do
    local open = redis.call('HGET', k.held .. epoch, '\topen')
    if open and tonumber(string.match(open, '^%d+')) < SINCE[letter] then
      error(redis.error_reply('UPGRADE a running worker is too old for this; stop the old release first'))
    end
  end
  bits = bits .. letter
  redis.call('HSET', k.meta, 'bits', bits)
  return bits
end

function features.disable(bits, letter)
  if not string.find(bits, letter, 1, true) then return bits end
  bits = string.gsub(bits, letter, '')
  redis.call('HSET', k.meta, 'bits', bits)
  return bits
end
