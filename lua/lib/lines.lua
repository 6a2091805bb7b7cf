-- Jobs that wait for a resource: a line for each resource, shared by all queues of the slot, in the order of priority and of
-- first coming. A job keeps its turn until it leaves the queue, so that it comes before those that came later.
-- @require side, elsewhere
-- @key sides x hash
-- @key wanting wr zset id -> priority and turn
-- @key line ^rw:<resource> zset queue \t id -> priority and turn
-- @key lines ^rn set resources that have a line
-- @key limits ^rm hash
local lines = {}

local TURN = 4398046511104
-- Behind all others: those that ask for more than there is, the least first.
local TOO_MUCH = 18014398509481984
local TOO_MUCH_TEXT = '18014398509481984'

-- How a job of this queue is called in a line.
function lines.member(id) return (elsewhere.own_name() or '') .. '\t' .. id end

-- What a job uses, of its line r: name, amount, … and perhaps its turn.
function lines.uses(values)
  local uses = {}
  for i = 1, #values - 1, 2 do uses[#uses + 1] = { name = values[i], amount = tonumber(values[i + 1]) } end
  return uses
end

-- The score of a job in a line; without a turn that of one that comes now.
function lines.score(priority, values)
  local turn = #values % 2 == 1 and tonumber(values[#values]) or TURN / 2 - 1
  return (1000 - priority) * TURN + TURN / 2 + turn
end

-- Whether somebody with a lower score waits for the resource.
function lines.is_behind(name, score)
  local head = redis.call('ZRANGE', k.line .. name, 0, 0, 'WITHSCORES')
  return head[2] ~= nil and tonumber(head[2]) < score
end

-- The job waits for `amount` of the resource; `said` = its lines. `limit` is nil where there is as much as one wants.
function lines.join(name, id, priority, said, amount, limit)
  if #said.r % 2 == 0 then
    said.r[#said.r + 1] = string.format('%.0f', redis.call('HINCRBY', k.limits, '\tturn', 1))
    redis.call('HSET', k.sides, id, (side.kept(said)))
  end
  local score = lines.score(priority, said.r)
  redis.call('ZADD', k.wanting, string.format('%.0f', score), id)
  if limit and amount > limit then score = TOO_MUCH + 4 * amount end
  redis.call('ZADD', k.line .. name, string.format('%.0f', score), lines.member(id))
  redis.call('SADD', k.lines, name)
end

local function drop(name, who)
  if redis.call('ZREM', k.line .. name, who) == 0 then return end
  if redis.call('EXISTS', k.line .. name) == 0 then redis.call('SREM', k.lines, name) end
end

-- Strikes one from a line whose queue was deleted.
function lines.strike(name, who) drop(name, who.queue .. '\t' .. who.id) end

-- Takes a job of this queue out of the line in which it waits; false if it waits in none.
function lines.leave(id)
  if redis.call('ZREM', k.wanting, id) == 0 then return false end
  for _, use in ipairs(lines.uses(side.of(id).r or {})) do drop(use.name, lines.member(id)) end
  return true
end

-- The first `n` that wait for the resource, { queue, id } each; or of those of whom it was thought that they ask for too much.
function lines.first(name, n, are_too_much)
  local from, to = are_too_much and TOO_MUCH_TEXT or '-inf', are_too_much and '+inf' or '(' .. TOO_MUCH_TEXT
  local members, found = redis.call('ZRANGEBYSCORE', k.line .. name, from, to, 'LIMIT', 0, n), {}
  for i = 1, #members do
    local queue, id = string.match(members[i], '^([^\t]*)\t(.*)$')
    found[i] = { queue = queue, id = id }
  end
  return found
end

-- Up to `n` resources that have a line, by chance where there are more.
function lines.some(n) return redis.call('SRANDMEMBER', k.lines, n) end

-- Up to `n` jobs of this queue that wait for a resource.
function lines.waiting(n) return redis.call('ZRANGE', k.wanting, 0, n - 1) end

function lines.length(name) return redis.call('ZCARD', k.line .. name) end
