-- Ids of the jobs of one state, a page at a time. Exact under change where the state has an order (all but waiting, active).
-- @repeat read
-- @require listing
-- @arg state string
-- @arg cursor string              '' = from the start, else what the last page said
-- @arg limit int
-- @arg reverse int                1 = newest first (finished states), latest due first (delayed, retrying)
-- @reply OK ids:strings cursor:string      '' = no more
local ids, next_cursor = listing.page(state, cursor, limit, reverse == 1)
return { 'OK', ids, next_cursor }
