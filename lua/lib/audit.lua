-- What is wrong with the keys of a queue: told by those who look (`audit-…`), taken by the command. A finding is of a key, and
-- of a member of it unless it is of the key as a whole.
local audit = {}

local found = {}

-- `kind` is one of the words of lua/administration.md; `what` is wrong, `how` it is mended; `proof` is what a later look has to
-- find unchanged. Kind `unchecked` is no finding: `what` could not be judged.
function audit.report(kind, key, member, what, how, proof)
  found[#found + 1] = { kind = kind, key = key, member = member, what = what, how = how or '', proof = proof or '' }
end

function audit.take()
  local all = found
  found = {}
  return all
end
