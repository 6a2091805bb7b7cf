-- In which states other jobs are, of this queue and others of the slot.
-- @require links, elsewhere, locate
local relatives = {}

-- Of jobs as this queue names them, in their order; '' of those that are not there.
function relatives.states(refs)
  local ids, places, states = {}, {}, {}
  for i, ref in ipairs(refs) do
    local queue, id = links.parse(ref)
    ids[queue], places[queue] = ids[queue] or {}, places[queue] or {}
    table.insert(ids[queue], id)
    table.insert(places[queue], i)
  end
  for queue, there in pairs(ids) do
    elsewhere.run(queue, function()
      locate.leave()
      locate.prepare(there)
      for n, id in ipairs(there) do states[places[queue][n]] = (locate.find(id) or { state = '' }).state end
    end)
  end
  return states
end
