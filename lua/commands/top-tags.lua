-- The tags that most jobs have, with how many have them.
-- @repeat read
-- @require refuse
-- @key counts tc zset
-- @arg offset int                 how many to pass over
-- @arg limit int                  1 to 1,000
-- @arg least int                  only tags that so many jobs have
-- @reply OK tags:strings total:int       tag, count, tag, count …; how many tags there are
refuse.unless_int('offset', offset, 0, 9007199254740991)
refuse.unless_int('limit', limit, 1, 1000)
refuse.unless_int('least', least, 1, 9007199254740991)
local all = redis.call('ZREVRANGE', k.counts, offset, offset + limit - 1, 'WITHSCORES')
local top = {}
for i = 1, #all, 2 do
  if tonumber(all[i + 1]) < least then break end
  top[#top + 1] = all[i]
  top[#top + 1] = all[i + 1]
end
return { 'OK', top, redis.call('ZCARD', k.counts) }
