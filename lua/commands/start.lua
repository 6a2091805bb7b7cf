-- Mark jobs as started, before their handlers run: asked of suspects, so that a crash is charged on evidence, and of jobs whose
-- unique key is free from then on (field v).
-- @repeat natural
-- @oom allow
-- @require refuse, unique
-- @key held h:<epoch> hash
-- @arg epoch string
-- @rest rows id, token
-- @reply OK refused:string        numbers of rows that are not held by that token any more, comma-separated
-- @reply EPOCH_GONE
refuse.unless_rows(#ARGV - REST + 1, 2)
local key = k.held .. epoch
local fields = { '\topen' }
for i = REST, #ARGV, 2 do
  refuse.unless_name('id', ARGV[i])
  refuse.unless_token(ARGV[i + 1])
  fields[#fields + 1] = ARGV[i]
end
local held = redis.call('HMGET', key, unpack(fields))
if not held[1] then return { 'EPOCH_GONE' } end
local marked, refused, freed = {}, {}, {}
for i = REST, #ARGV, 2 do
  local n = (i - REST) / 2 + 1
  local value, token = held[1 + n], ARGV[i + 1] .. '.'
  if not value or string.sub(value, 1, #token) ~= token then refused[#refused + 1] = n
  elseif not string.find(value, 'M', #token + 1, true) then
    marked[#marked + 1] = ARGV[i]
    marked[#marked + 1] = value .. 'M'
    freed[#freed + 1] = { id = ARGV[i], facts = string.match(value, '^%d*(.*)$', #token + 1) }
  end
end
if #marked > 0 then redis.call('HSET', key, unpack(marked)) end
for _, job in ipairs(freed) do unique.started(job.id, job.facts) end
return { 'OK', table.concat(refused, ',') }
