-- Ids of the jobs of one state, a page at a time. Exact under change where the state has an order (all but waiting, active).
-- @repeat read
-- @require refuse, listing
-- @arg state string
-- @arg cursor string              '' = from the start, else what the last page said
-- @arg limit int                  1 to 1,000
-- @arg reverse int                1 = newest first (finished states), latest due first (delayed, retrying)
-- @reply OK ids:strings cursor:string      '' = no more; a page may be shorter than `limit` and yet not the last
refuse.unless_int('limit', limit, 1, 1000)
local ids, next_cursor = listing.page(state, cursor, limit, reverse == 1)
return { 'OK', ids, next_cursor }
