-- Of jobs whose runs somebody ended (`cancel`, `expire`, a replacing `add-checked`), those whose workers live and have not shown yet
-- that they know it.
-- @repeat read
-- @require refuse
-- @key leases L zset
-- @key held h:<epoch> hash
-- @rest ids id
-- @reply OK ids:strings
refuse.unless_rows(#ARGV - REST + 1, 1)
local asked, unheard = {}, {}
for i = REST, #ARGV do asked[ARGV[i]] = true end
for _, epoch in ipairs(redis.call('ZRANGE', k.leases, 0, 999)) do
  local facts = redis.call('HMGET', k.held .. epoch, '\topen', '\ttaken')
  if facts[1] and facts[2] then
    for id in string.gmatch(facts[2], '\n%d+\t([^\t\n]*)\t') do
      if asked[id] then
        unheard[#unheard + 1] = id
        asked[id] = false
      end
    end
  end
end
return { 'OK', unheard }
