-- Say how much there is of resources that jobs use, for all queues of the slot. Who waits for one of which there is enough now
-- is called.
-- @repeat natural
-- @oom first-write
-- @require clock, refuse, features, serving, events, wake
-- @key meta q hash
-- @key limits ^rm hash
-- @rest rows name, limit          an empty name: of all that have no limit of their own; an empty limit: no limit (any more)
-- @reply OK
-- @event i
local now = clock.now(now_arg)
refuse.unless_rows(#ARGV - REST + 1, 2)
local bits = redis.call('HGET', k.meta, 'bits') or ''
features.need_known(bits)
for i = REST, #ARGV, 2 do
  local name, limit = ARGV[i], ARGV[i + 1]
  if name ~= '' then refuse.unless_name('name of a resource', name) end
  if limit ~= '' and not (#limit < 10 and string.find(limit, '^%d+$')) then
    refuse.with('INVALID_OPTION', 'The limit of the resource "' .. name .. '" cannot be "' .. limit .. '".')
  end
end
local names, seen = {}, {}
for i = REST, #ARGV, 2 do
  local field, limit = ARGV[i] == '' and '\tdefault' or ARGV[i], ARGV[i + 1]
  if (redis.call('HGET', k.limits, field) or '') ~= limit then
    if limit == '' then redis.call('HDEL', k.limits, field) else redis.call('HSET', k.limits, field, limit) end
    if not seen[ARGV[i]] then names[#names + 1] = ARGV[i] end
    seen[ARGV[i]] = true
    events.push('i', '', 'resources:' .. ARGV[i])
  end
end
-- Of the default, housekeeping calls who waits.
serving.serve(names)
events.flush(bits, now)
wake.some(1)
return { 'OK' }
