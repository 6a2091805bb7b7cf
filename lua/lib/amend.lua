-- Puts another name or payload into an envelope; all else of it stays, and what stands in store before the payload too.
-- @require record
local amend = {}

-- nil = as it is.
function amend.envelope(envelope, name, payload)
  local head, own_name, fields, options, rest = string.match(envelope, '^(1[^\t]*)\t([^\t]*)\t([^\t]*)\t([^\n]*)\n(.*)$')
  if payload then rest = string.sub(rest, 1, tonumber(record.fact(fields, 'f')) or 0) .. payload end
  return head .. '\t' .. (name or own_name) .. '\t' .. fields .. '\t' .. options .. '\n' .. rest
end
