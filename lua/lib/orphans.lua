-- Jobs that others would leave behind: they wait for them, and are not cancelled by the same call.
-- @require links
-- @key dependents dd:<id> set
local orphans = {}

-- Of as many a call looks whether they live; so many it names.
local MOST, NAMED = 1000, 10

-- Some of those of one job, none if it leaves none behind. `others` = the ids that are cancelled too.
function orphans.of(id, others)
  local left = {}
  for _, ref in ipairs(redis.call('SRANDMEMBER', k.dependents .. id, MOST)) do
    if #left == NAMED then break end
    if not others[ref] then
      links.at(ref, id, function(child)
        if links.fate(child) == '' then left[#left + 1] = ref end
      end)
    end
  end
  return left
end
