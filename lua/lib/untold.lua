-- Ends of which dependents have still to be told. Until then the parent's side of such an edge is here: it is not among the
-- dependents of that job any more.
-- @key pending dq list
-- @key detached dx:<n> set
local untold = {}

-- So many ends one call looks at, so many at a time: some bring a large result.
local MOST, PAGE = 10000, 100

-- Whether there are more than that.
function untold.is_too_much() return redis.call('LLEN', k.pending) > MOST end

-- Of this queue: the id of each job that has such an end -> { what, set of its dependents }, …
function untold.ends()
  local ends = {}
  for first = 0, MOST - 1, PAGE do
    local entries = redis.call('LRANGE', k.pending, string.format('%d', first), string.format('%d', first + PAGE - 1))
    for _, entry in ipairs(entries) do
      local what, number, id = string.match(entry, '^(%a)\t(%d+)\t([^\n]*)\n')
      if what then
        ends[id] = ends[id] or {}
        table.insert(ends[id], { what = what, set = k.detached .. number })
      end
    end
    if #entries < PAGE then return ends end
  end
  return ends
end

-- Whether dependents that hear of it late hear what has become of the job since: it may have been tried again.
function untold.is_as_it_is(what) return string.find('ftbxX', what, 1, true) ~= nil end
