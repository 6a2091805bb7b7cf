-- Looks for what is wrong with some keys of the queue, a page of each: in them, and between them and others. What it tells was so
-- in this very moment, whatever moves; `mend` mends it. With a count of 0 only whether the keys are what a queue has.
-- @repeat read
-- @require refuse, features, audit, audit-page
-- @key meta q hash
-- @arg count int                  members looked at: 1 to 1,000, or 0
-- @rest rows key, cursor           the key's suffix, with ^ before one that the slot shares; '' = from the start, else what the last reply said
-- @reply OK looked:int bytes:int next:strings found:strings      next = key, cursor of what is left; found = kind, key, member,
--   what, how, proof, …
refuse.unless_int('count', count, 0, 1000)
refuse.unless_rows(#ARGV - REST + 1, 2)
if redis.call('TYPE', k.meta).ok == 'hash' then features.need_known(redis.call('HGET', k.meta, 'bits') or '') end
local looked, bytes, rest, found = 0, 0, {}, {}
for i = REST, #ARGV, 2 do
  local suffix, cursor = ARGV[i], ARGV[i + 1]
  if count == 0 or looked < count then
    local n, size
    cursor, n, size = audit_page.look(suffix, cursor, count == 0 and 0 or count - looked)
    looked, bytes = looked + n, bytes + size
    if cursor ~= '' then rest[#rest + 1] = suffix; rest[#rest + 1] = cursor end
  else rest[#rest + 1] = suffix; rest[#rest + 1] = cursor end
end
for _, each in ipairs(audit.take()) do
  for _, name in ipairs({ 'kind', 'key', 'member', 'what', 'how', 'proof' }) do found[#found + 1] = each[name] end
end
return { 'OK', looked, bytes, rest, found }
