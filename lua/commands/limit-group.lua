-- Settings of one group, in place of those that all groups have.
-- @repeat natural
-- @oom first-write
-- @require clock, refuse, features, groups, events
-- @key meta q hash
-- @key group_settings gc hash
-- @key group_names gn zset
-- @arg name string
-- @rest rows setting, value       concurrency, rate (count,ms) or paused (p); an empty value takes it away
-- @reply OK
-- @event i
local now = clock.now(now_arg)
refuse.unless_name('name of a group', name)
refuse.unless_rows(#ARGV - REST + 1, 2)
local bits = redis.call('HGET', k.meta, 'bits') or ''
features.need_known(bits)
local PLACES = { concurrency = 1, rate = 2, paused = 3 }
local FORMS = { '^[1-9]%d*$', '^[1-9]%d*,[1-9]%d*$', '^p$' }
local before = redis.call('HGET', k.group_settings, name) or ';;'
local parts = { string.match(before, '^([^;]*);([^;]*);([^;]*)$') }
for i = REST, #ARGV, 2 do
  local place, value = PLACES[ARGV[i]], ARGV[i + 1]
  if not place or (value ~= '' and (#value > 32 or not string.find(value, FORMS[place]))) then
    refuse.with('INVALID_OPTION', 'The setting "' .. ARGV[i] .. '" of a group cannot be "' .. value .. '".')
  end
  parts[place] = value
end
local after = table.concat(parts, ';')
if after ~= before then
  bits = features.enable(bits, 'o')
  if after == ';;' then redis.call('HDEL', k.group_settings, name)
  else
    redis.call('HSET', k.group_settings, name, after)
    redis.call('ZADD', k.group_names, 0, name)
  end
  groups.reset(name)
  events.push('i', '', 'groups:' .. name)
  events.flush(bits, now)
end
return { 'OK' }
