-- The jobs that have waited longest, as far as the order of the queue tells: the head of each priority.
-- @repeat read
-- @require clock, record
-- @key jobs j hash
-- @key headers m hash
-- @key ready r list
-- @key front rf list
-- @key above pp zset
-- @key below pn zset
-- @key grouped gw zset
-- @key wanting wr zset
-- @reply OK rows:strings at:int         priority, id; at most 100 priorities above 0, and 100 below; the time
local now = clock.now(now_arg)
local rows = {}
local TURN = 4398046511104

local function push(priority, id)
  rows[#rows + 1] = tostring(priority)
  rows[#rows + 1] = id
end

-- The first of each priority in a set.
local function heads_of(key)
  local from = '-inf'
  for _ = 1, 100 do
    local head = redis.call('ZRANGEBYSCORE', key, from, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
    if #head == 0 then return end
    local band = math.floor(tonumber(head[2]) / TURN)
    push(1000 - band, head[1])
    from = string.format('%.0f', (band + 1) * TURN)
  end
end

-- The first entry of a list that is no ghost, among the first hundred.
local function head_of(key)
  for _, entry in ipairs(redis.call('LRANGE', key, 0, 99)) do
    local id, place = record.read_entry(entry)
    if redis.call('HSTRLEN', k.jobs, id) > 0 and record.place(redis.call('HGET', k.headers, id)) == place then return id end
  end
end

heads_of(k.above)
local head = head_of(k.front) or head_of(k.ready)
if head then push(0, head) end
heads_of(k.below)
heads_of(k.grouped)
heads_of(k.wanting)
return { 'OK', rows, string.format('%.0f', now) }
