-- Ids of the jobs that have a tag, in the order in which they got it, a page at a time.
-- @repeat read
-- @require refuse, listing
-- @key tagged tg:<tag> zset
-- @arg tag string
-- @arg cursor string              as of `list`
-- @arg limit int                  1 to 1,000
-- @arg reverse int                1 = the latest first
-- @reply OK ids:strings cursor:string total:int
refuse.unless_name('tag', tag)
refuse.unless_int('limit', limit, 1, 1000)
local ids = {}
local next_cursor = listing.sorted(k.tagged .. tag, cursor, limit, reverse == 1, ids)
return { 'OK', ids, next_cursor, redis.call('ZCARD', k.tagged .. tag) }
