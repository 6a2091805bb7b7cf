-- Work in another queue that shares the slot: one that was declared with the same `slot`, so that both lie in one hash slot.
-- @require features
-- @key meta q hash
local elsewhere = {}

-- What stands before the names of all queues of this slot; nil where the queue has a slot of its own.
local function head() return string.match(base, '^(.-{[^}]*})%d+:') end

local function place(queue) return head() .. #queue .. ':' .. queue end

-- The name of this queue; nil where it has a slot of its own.
function elsewhere.own_name()
  local before = head()
  return before and string.match(base, '^%d+:(.*)$', #before + 1)
end

-- Why nothing can be done in that queue from here; nil if it can.
function elsewhere.problem(queue)
  if not head() then
    return 'The queue "' .. queue .. '" lies in another slot. Declare both queues with the same slot.'
  end
  local there = redis.call('HMGET', place(queue) .. ':q', 'format', 'virtual', 'bits')
  if not there[1] or there[2] ~= redis.call('HGET', k.meta, 'virtual') then
    return 'The queue "' .. queue .. '" was not declared in this slot, or lives by another kind of time.'
  end
  if not features.are_known(there[3] or '') then
    return 'The queue "' .. queue .. '" uses features (' .. there[3] .. ') that this release does not know.'
  end
end

-- Runs an action with all keys those of another queue, '' = of this one. What modules have collected for this queue is written
-- before, and what the action collects for that one within it.
function elsewhere.run(queue, action)
  local own = base
  if queue ~= '' then base = place(queue) end
  action()
  base = own
end
