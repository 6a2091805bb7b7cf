-- What concerns the dependencies of jobs that end, go or are tried again: noted here, settled by `settle` before the call is over.
local edges = {}

local noted = {}

-- `what` happened to a job: an ending as of an outcome, X cancelled together with its dependents, R it is gone, O it is tried again: its
-- dependents are told. U it waits for nothing any more, G it is gone: its own dependencies are forgotten.
function edges.note(what, id, body) noted[#noted + 1] = { what = what, id = id, body = body or '' } end

function edges.is_noted() return #noted > 0 end

function edges.take()
  local all = noted
  noted = {}
  return all
end
