-- What a worker says of how an attempt ended: token \t how+duration[,kind] \t [delay] \t name \t body, or for a success
-- token \t duration [\t result].
-- @require refuse
local ends = {}

-- The token of an end, how it ended, and after how long.
function ends.read(code)
  local token, duration, tab, body = string.match(code, '^(%w+%.%d+)\t(%d+)(\t?)(.*)$')
  if token and (tab ~= '' or body == '') then return token, { how = 'c', duration = duration, body = body } end
  local how, ms, kind, delay, name
  -- The token is matched whole: a part of one is the beginning of other tokens too.
  token, how, ms, kind, delay, name, body =
    string.match(code, '^(%w+%.%d+)\t([crzuftbxgnqma])(%d+)(,?[^%c]*)\t(%d*)\t([^%c]*)\t(.*)$')
  if not token or #delay > 15 or #kind > 257 or string.find(kind, '^[^,]') or ((how == 'n' or how == 'a') and name == '')
    or (how == 'a' and not string.find(body, '^%d+,%d+,%d+,%C*$')) then
    refuse.call('An end of an attempt cannot be read.')
  end
  return token, { how = how, duration = ms, kind = string.sub(kind, 2), delay = tonumber(delay) or 0, name = name, body = body }
end

-- Successes without a result, of jobs without facts: nearly all, and their codes repeat within a call.
function ends.read_plain(code)
  local token, duration = string.match(code, '^(%w+%.%d+)\t(%d+)$')
  return token and { mark = token .. '.', length = #token + 1, tail = duration .. '\n' } or false
end
