-- The job that holds the unique key of a new one: what happens to either. Decided for the whole batch before the first write.
-- @require record, unique, locate, cancelling, finish
-- @key meta q hash
-- @key jobs j hash
local rival = {}

local REPLACED = '{"name":"CancelError","code":"CANCEL","kind":"cancelled","message":"A job with the same unique key replaced it."}'

-- Key -> the id that holds it, or will after an earlier row of the call; and the jobs that an earlier row ends.
local holders, planned, ended = {}, {}, {}

-- Finds who holds the keys of the rows.
function rival.prepare(rows, now)
  local ids = {}
  for _, row in ipairs(rows) do
    local key = row.said and row.said.u and row.said.u[1]
    if key and holders[key] == nil then
      holders[key] = unique.holder(key, now) or false
      if holders[key] then ids[#ids + 1] = holders[key] end
    end
  end
  if #ids > 0 then locate.prepare(ids) end
end

-- The fate of a row beside a job that runs or waits under its key: D kept, E conflict, S replaced, B refused because it runs.
local function fate(policy, found, is_forced)
  if policy == 'k' then return 'D' end
  if policy == 'j' then return 'E' end
  if found.state == 'active' and not is_forced then return 'B' end
  return 'S'
end

-- Whether an earlier row of the call ends the job that has this id now.
function rival.ends(id) return ended[id] == true end

-- Whether the job that an earlier row ends will have left the key behind.
local function will_be_free(key, id)
  return ended[id] and unique.key(record.facts(redis.call('HGET', k.jobs, id))) == key
end

-- Gives a row that could be added another fate, if its key is taken.
function rival.meet(row)
  local values = row.said and row.said.u
  if not values then return end
  local key, policy, is_forced = values[1], values[4], values[5] ~= nil
  local holder = planned[key] or holders[key]
  if holder and holder ~= row.id and (planned[key] or not will_be_free(key, holder)) then
    local found = locate.find(holder)
    local is_live = found and not found.outcome and not ended[holder]
    if planned[key] then row.fate = policy == 'k' and 'D' or 'E'
    -- Only its time is left of it: that holds the key against others, but not against one who replaces.
    elseif is_live or policy ~= 'r' then row.fate = fate(policy, found or {}, is_forced) end
    if row.fate ~= 'A' and row.fate ~= 'R' then row.other, row.rival = holder, found end
    row.state = found and found.state or (planned[key] and 'waiting' or 'remembered')
  end
end

-- A row that is stored: later ones find what it takes, and whom it ends. One that is refused changes nothing for them.
function rival.promise(row)
  local values = row.said and row.said.u
  if values then planned[values[1]] = row.id end
  if row.fate == 'S' then ended[row.other] = true end
  if row.found and (row.fate == 'S' or row.fate == 'R') then ended[row.id] = true end
end

-- Ends the job that a row replaces, and gives the key to the row.
function rival.displace(row, now, bits)
  local values = row.said and row.said.u
  if not values then return end
  if row.fate == 'S' then
    local drop = redis.call('HGET', k.meta, 'drop') or ''
    cancelling.cancel(row.other, row.rival, REPLACED, 'replaced', now, bits, drop)
    finish.flush(now, bits, drop)
  end
  unique.hold(values[1], row.id, values[3], now)
end
