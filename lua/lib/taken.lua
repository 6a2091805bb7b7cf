-- Runs that were taken from a living epoch (cancelled, forced): a list in its held hash, delivered until receipt is shown.
-- @require wake
-- @key held h:<epoch> hash
local taken = {}

-- Text: the last number, then lines of number \t id \t token \t reason.
function taken.push(epoch, id, token, reason)
  local key = k.held .. epoch
  local text = redis.call('HGET', key, '\ttaken') or '0\n'
  local last = tonumber(string.match(text, '^%d+')) + 1
  text = last .. string.sub(text, string.find(text, '\n', 1, true), -1) .. last .. '\t' .. id .. '\t' .. token .. '\t' .. reason .. '\n'
  redis.call('HSET', key, '\ttaken', text)
  wake.tell(epoch, 't')
end

-- The lines not yet received, '' if none; `received` is the last number the worker has seen.
function taken.pending(epoch, text, received)
  local from = string.find(text, '\n', 1, true) + 1
  if from > #text then return '' end
  local kept = {}
  for line, number in string.gmatch(string.sub(text, from), '((%d+)\t[^\n]*\n)') do
    if tonumber(number) > received then kept[#kept + 1] = line end
  end
  local rest = table.concat(kept)
  if #rest < #text - from + 1 then
    redis.call('HSET', k.held .. epoch, '\ttaken', string.sub(text, 1, from - 1) .. rest)
  end
  return rest
end
