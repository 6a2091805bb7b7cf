-- Whether a job that is there would wait for itself.
-- @require links, elsewhere
-- @key needs dl:<id> set
local cycle = {}

-- What one call looks at.
local MOST_JOBS, MOST_EDGES = 1000, 10000

-- From the first of `refs` that leads there to the job itself.
local function way(at, home)
  local names = {}
  while at do
    table.insert(names, 1, at.queue == home and at.id or '{' .. at.queue .. '}' .. at.id)
    at = at.from
  end
  return names
end

-- Whether a job of this queue is among `refs` or what they wait for: the jobs on the way to it, nil if it is not, false if that
-- cannot be told in one call. `coming` = what jobs of this queue will wait for, by id, instead of what they do.
function cycle.find(id, refs, coming)
  local home = elsewhere.own_name() or ''
  local open, seen, edges_seen, n = {}, {}, 0, 1
  local function see(ref, here, from)
    local queue, other = links.parse(ref)
    if queue == '' then queue = here end
    local key = queue .. '}' .. other
    if not seen[key] then open[#open + 1] = { queue = queue, id = other, from = from } end
    seen[key] = true
  end
  for _, ref in ipairs(refs) do see(ref, home) end
  while open[n] do
    local at = open[n]
    if at.queue == home and at.id == id then return way(at, home) end
    if n > MOST_JOBS or edges_seen > MOST_EDGES then return false end
    elsewhere.run(at.queue == home and '' or at.queue, function()
      local needs = at.queue == home and coming[at.id] or redis.call('SMEMBERS', k.needs .. at.id)
      edges_seen = edges_seen + #needs
      for _, ref in ipairs(needs) do see(ref, at.queue, at) end
    end)
    n = n + 1
  end
end
