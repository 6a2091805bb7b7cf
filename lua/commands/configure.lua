-- Change what all workers of the queue obey: lease (ms), grace (ms that a lease may be late), keep:<state> (count,age in ms; an
-- empty part is no bound), concurrency (how many jobs run at once, over all workers), rate (count,ms: how many start in a time),
-- group:concurrency and group:rate (the same of each group), stats (for how many days they are kept), listening (ms from now for
-- which events are wanted). Without fields it only says what holds. Workers are told of what has changed.
-- @repeat natural
-- @oom first-write
-- @require clock, refuse, settings, features, events, limits, groups, wake
-- @key meta q hash
-- @rest fields name, value        an empty value takes the field away
-- @reply OK fields:strings        the queue's meta: name, value, name, value …
-- @event g i
local now = clock.now(now_arg)
refuse.unless_rows(#ARGV - REST + 1, 2)
local bits = redis.call('HGET', k.meta, 'bits') or ''
features.need_known(bits)
-- The features that settings need.
local NEEDS = { listening = 'e', concurrency = 'l', rate = 'l', ['group:concurrency'] = 'o', ['group:rate'] = 'o' }
local wanted = {}
for i = REST, #ARGV, 2 do
  local form, value = settings.FORMS[ARGV[i]], ARGV[i + 1]
  if not form then refuse.with('INVALID_OPTION', 'There is no setting "' .. ARGV[i] .. '".') end
  if value ~= '' and (#value > 32 or not string.find(value, form)) then
    refuse.with('INVALID_OPTION', 'The setting "' .. ARGV[i] .. '" cannot be "' .. value .. '".')
  end
  if value ~= '' and NEEDS[ARGV[i]] then wanted[NEEDS[ARGV[i]]] = true end
end
if wanted.e and not string.find(bits, 'e', 1, true) then
  bits = features.enable(bits, 'e')
  -- What happened until now was not written, for whoever goes on from an earlier event.
  events.push('g', '')
end
if wanted.l then bits = features.enable(bits, 'l') end
if wanted.o then bits = features.enable(bits, 'o') end

local changed = {}
for i = REST, #ARGV, 2 do
  local name, value = ARGV[i], ARGV[i + 1]
  local before = redis.call('HGET', k.meta, name) or ''
  if value ~= '' and name == 'listening' then value = string.format('%.0f', now + value)
  elseif value ~= before then changed[#changed + 1] = name end
  if value == '' then redis.call('HDEL', k.meta, name) else redis.call('HSET', k.meta, name, value) end
end
if #ARGV >= REST then redis.call('HSET', k.meta, 'drop', settings.drop()) end
if string.find(bits, 'l', 1, true) and not limits.recount() then bits = features.disable(bits, 'l') end
if #changed > 0 then
  local names = table.concat(changed, ',')
  events.push('i', '', names)
  if string.find(names, 'group:', 1, true) then groups.regroup('') end
  wake.tell_all('c')
end
events.flush(bits, now)
return { 'OK', redis.call('HGETALL', k.meta) }
