-- The settings of a queue in its meta, and what is derived from them.
-- @key meta q hash
local settings = {}

local KEEP, LIMIT, RATE = '^%d*,%d*$', '^[1-9]%d*$', '^[1-9]%d*,[1-9]%d*$'

-- How each is written, in at most 32 bytes.
settings.FORMS = { lease = LIMIT, grace = '^%d+$', ['keep:completed'] = KEEP, ['keep:failed'] = KEEP, ['keep:timed_out'] = KEEP,
  ['keep:broken'] = KEEP, ['keep:cancelled'] = KEEP, listening = '^%d+$', concurrency = LIMIT, rate = RATE,
  ['group:concurrency'] = LIMIT, ['group:rate'] = RATE, stats = '^[1-9]%d?%d?%d?$' }

-- Letters of the states that are not kept at all, as the commands that end jobs read them.
function settings.drop()
  local drop = ''
  for _, state in ipairs({ 'completed', 'failed', 'timed_out', 'broken', 'cancelled' }) do
    local keep = redis.call('HGET', k.meta, 'keep:' .. state) or ''
    if string.find(keep, '^0+,') or string.find(keep, ',0+$') then
      drop = drop .. (state == 'cancelled' and 'x' or string.sub(state, 1, 1))
    end
  end
  return drop
end
