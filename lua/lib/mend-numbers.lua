-- Mends the counters from which numbers are given out: they only rise, unless they cannot be read.
-- @require audit-numbers, pausing
-- @key meta q hash
-- @key limits ^rm hash
local mend_numbers = {}

-- Lets a counter go on from a number that is in use; false if it is not behind.
function mend_numbers.raise(name, proof)
  local least, _, said = string.find(proof, '^%d+$') and tonumber(proof), audit_numbers.read(name)
  if not least or (said and said >= least) then return false end
  if name == 'pause' then least = pausing.not_below(said or 0, least) end
  redis.call('HSET', name == '\tturn' and k.limits or k.meta, name, string.format('%.0f', least))
  return true
end
