-- Who waits for a resource is called when there is enough of it: to the front of its queue, in whichever queue of the slot.
-- @require record, ready, wake, side, elsewhere, lines, resources
-- @key headers m hash
-- @key meta q hash
local serving = {}

-- Looked at in one call, over all resources.
local BUDGET = 1000
local PAGE = 100

local left = BUDGET
-- What was called for in this queue, by this call. It was not acquired: that is done when the job is leased.
local promised = {}

local function own_queue() return elsewhere.own_name() or '' end

local function amount_of(who, name)
  local said
  elsewhere.run(who.queue, function() said = side.of(who.id) end)
  for _, use in ipairs(lines.uses(said.r or {})) do
    if use.name == name then return use.amount end
  end
end

-- Adds those that can run now to `calls`: queue -> ids.
local function choose(name, calls, are_too_much)
  local limit = resources.facts(name).limit
  for _, who in ipairs(lines.first(name, math.min(PAGE, left), are_too_much)) do
    left = left - 1
    local amount = amount_of(who, name)
    if not amount then lines.strike(name, who)
    elseif limit and amount > limit then
      if are_too_much then return end
      -- It asks for more than there is by now: it is judged anew when it is leased, and waits behind the others from then on.
    else
      if not resources.fits(name, (promised[name] or 0) + amount) then return end
      -- What ends here must not be taken here again and again, while jobs of another queue are called for it.
      if who.queue ~= own_queue() then resources.promise(name, amount)
      else promised[name] = (promised[name] or 0) + amount end
    end
    if amount then
      calls[who.queue] = calls[who.queue] or {}
      table.insert(calls[who.queue], who.id)
    end
  end
end

local function call(queue, ids)
  local is_own = queue == own_queue()
  elsewhere.run(queue, function()
    local rows = {}
    for i, id in ipairs(ids) do
      lines.leave(id)
      rows[i] = record.row(id, redis.call('HGET', k.headers, id), '')
    end
    ready.put_front(rows, redis.call('HGET', k.meta, 'bits') or '')
    if not is_own then wake.some(#ids) end
  end)
  if is_own then wake.freed(#ids) end
end

-- Calls those for whom there is enough of these resources.
function serving.serve(names)
  local calls = {}
  for _, name in ipairs(names) do
    if left > 0 then choose(name, calls, true) end
    if left > 0 then choose(name, calls, false) end
  end
  for queue, ids in pairs(calls) do call(queue, ids) end
end
