-- What a worker says of how an attempt ended: token \t how+duration[,kind] \t [delay] \t name \t body, or for a success
-- token \t duration [\t result].
-- @require refuse
local ends = {}

-- The token of an end, how it ended, and after how long.
local function read(code)
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
  return token, { how = how, duration = ms, kind = string.sub(kind, 2), delay = tonumber(delay) or 0, name = name, body = body,
    unstarted = how == 'n' or how == 'a' or (how == 'g' and tonumber(ms) == 0) }
end

-- Successes without a result, of jobs without facts: nearly all, and their codes repeat within a call.
local function read_plain(code)
  local token, duration = string.match(code, '^(%w+%.%d+)\t(%d+)$')
  return token and { mark = token .. '.', length = #token + 1, tail = duration .. '\n' } or false
end

-- The ends of a call, by their codes, and behind `skip` other values the ids and what is held of each: plain successes (id, rest of
-- the record, …), the other ends, those after which something goes on, what was to go on after an end that is refused, the numbers
-- of the rows that are refused, and whether a job goes to a batch. Of a job's ends the first counts.
function ends.sort(codes, ids, held, skip)
  local plain, entries, onwards, lost, bad, done, known, gathers = {}, {}, {}, {}, {}, {}, {}, false
  for n, code in ipairs(codes) do
    local id, value = ids[skip + n], held[skip + n]
    local short = known[code]
    if short == nil then short = read_plain(code); known[code] = short end
    -- Behind the token the value of a job without facts has a number of 13 digits, and no more.
    if short and value and #value == short.length + 13 and string.sub(value, 1, short.length) == short.mark and not done[id] then
      done[id], plain[#plain + 1], plain[#plain + 2] = true, id, short.tail
    else
      local token, entry = read(code)
      if value and not done[id] and string.sub(value, 1, #token + 1) == token .. '.' then
        done[id] = true
        entry.id, entry.number, entry.facts = id, n, string.match(value, '^%d*(.*)$', #token + 2)
        local list = (entry.how == 'q' or entry.how == 'm') and onwards or entries
        list[#list + 1] = entry
        gathers = gathers or entry.how == 'a'
      else
        bad[#bad + 1] = n
        if entry.how == 'q' then lost[#lost + 1] = entry end
      end
    end
  end
  return plain, entries, onwards, lost, table.concat(bad, ','), gathers
end
