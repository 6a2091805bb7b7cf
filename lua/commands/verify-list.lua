-- Looks at a part of a list of jobs, counted from its tail: `r`, `rf` and `fc`, in which a job is found by looking through them only.
-- @repeat read
-- @require refuse, features, audit, audit-lists
-- @key meta q hash
-- @arg list string                r, rf or fc
-- @arg offset int                 how many entries from the tail on to leave out
-- @arg count int                  1 to 1,000
-- @reply OK entries:strings dead:int said:int length:int stamp:string found:strings       entries = from head to tail; dead = how many of
--   them are void; said = how many of the whole list the meta says; stamp = the same as long as the list and the counter of its void entries are; found as of `verify`
refuse.unless_int('count', count, 1, 1000)
refuse.unless_int('offset', offset, 0, 9007199254740991)
if list ~= 'r' and list ~= 'rf' and list ~= 'fc' then refuse.call('There is no list "' .. list .. '".') end
features.need_known(redis.call('HGET', k.meta, 'bits') or '')
local key, found = audit_lists.key(list), {}
local entries = redis.call('LRANGE', key, string.format('%.0f', -offset - count), string.format('%.0f', -offset - 1))
local dead = audit_lists.check(list, entries)
for _, each in ipairs(audit.take()) do
  for _, name in ipairs({ 'kind', 'key', 'member', 'what', 'how', 'proof' }) do found[#found + 1] = each[name] end
end
local said = tonumber(redis.call('HGET', k.meta, list == 'fc' and 'gone' or 'ghosts')) or 0
return { 'OK', entries, dead, said, redis.call('LLEN', key), audit_lists.stamp(list), found }
