-- Change what all workers of the queue obey: lease (ms), keep:<state> (count,age in ms; an empty part is no bound), listening
-- (ms from now for which events are wanted). Without fields it only says what holds.
-- @repeat natural
-- @oom first-write
-- @require clock, refuse, features, events
-- @key meta q hash
-- @rest fields name, value        an empty value takes the field away
-- @reply OK fields:strings        the queue's meta: name, value, name, value …
-- @event g
local now = clock.now(now_arg)
refuse.unless_rows(#ARGV - REST + 1, 2)
local bits = redis.call('HGET', k.meta, 'bits') or ''
features.need_known(bits)
local KEEP = '^%d*,%d*$'
local ALLOWED = { lease = '^[1-9]%d*$', ['keep:completed'] = KEEP, ['keep:failed'] = KEEP, ['keep:timed_out'] = KEEP,
  ['keep:broken'] = KEEP, ['keep:cancelled'] = KEEP, listening = '^%d+$' }
local listens = false
for i = REST, #ARGV, 2 do
  local form, value = ALLOWED[ARGV[i]], ARGV[i + 1]
  if not form then refuse.with('INVALID_OPTION', 'There is no setting "' .. ARGV[i] .. '".') end
  if value ~= '' and (#value > 32 or not string.find(value, form)) then
    refuse.with('INVALID_OPTION', 'The setting "' .. ARGV[i] .. '" cannot be "' .. value .. '".')
  end
  listens = listens or (ARGV[i] == 'listening' and value ~= '')
end
if listens and not string.find(bits, 'e', 1, true) then
  bits = features.enable(bits, 'e')
  -- What happened until now was not written, for whoever goes on from an earlier event.
  events.push('g', '')
end
for i = REST, #ARGV, 2 do
  local name, value = ARGV[i], ARGV[i + 1]
  if value == '' then redis.call('HDEL', k.meta, name)
  else redis.call('HSET', k.meta, name, name == 'listening' and string.format('%.0f', now + value) or value) end
end
-- The states that are not kept at all, as the commands that end jobs read them.
local drop = ''
for _, state in ipairs({ 'completed', 'failed', 'timed_out', 'broken', 'cancelled' }) do
  local keep = redis.call('HGET', k.meta, 'keep:' .. state) or ''
  if string.find(keep, '^0+,') or string.find(keep, ',0+$') then
    drop = drop .. (state == 'cancelled' and 'x' or string.sub(state, 1, 1))
  end
end
if #ARGV >= REST then redis.call('HSET', k.meta, 'drop', drop) end
events.flush(bits, now)
return { 'OK', redis.call('HGETALL', k.meta) }
