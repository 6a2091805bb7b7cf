-- Change what all workers of the queue obey: lease (ms), keep:<state> (count,age in ms), listening (until when events are wanted).
-- @repeat natural
-- @oom first-write
-- @require clock, features
-- @key meta q hash
-- @rest fields name, value        an empty value takes the field away
-- @reply OK fields:strings        the whole configuration
local now = clock.now(now_arg)
local ALLOWED = { lease = true, ['keep:completed'] = true, ['keep:failed'] = true, ['keep:timed_out'] = true,
  ['keep:broken'] = true, ['keep:cancelled'] = true, listening = true }
for i = REST, #ARGV, 2 do
  if not ALLOWED[ARGV[i]] then return redis.error_reply('CONFIG there is no setting ' .. ARGV[i]) end
end
for i = REST, #ARGV, 2 do
  if ARGV[i + 1] == '' then redis.call('HDEL', k.meta, ARGV[i]) else
    local value = ARGV[i + 1]
    if ARGV[i] == 'listening' then
      features.enable(redis.call('HGET', k.meta, 'bits') or '', 'e')
      value = string.format('%.0f', now + value)
    end
    redis.call('HSET', k.meta, ARGV[i], value)
  end
end
local drop = ''
for letter, state in pairs({ c = 'completed', f = 'failed', t = 'timed_out', b = 'broken', x = 'cancelled' }) do
  local keep = redis.call('HGET', k.meta, 'keep:' .. state)
  if keep and (string.find(keep, '^0,') or string.find(keep, ',0$')) then drop = drop .. letter end
end
redis.call('HSET', k.meta, 'drop', drop)
return { 'OK', redis.call('HGETALL', k.meta) }
