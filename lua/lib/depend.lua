-- Dependencies of jobs that are added (line d): policy (f fail, b block, c cancel, r run) and perhaps d for parents that are not
-- there, which then count as done; and the parents, each there already or in an earlier row of the call.
-- @require refuse, elsewhere, links, cycle, unblock, settle, events
-- @key meta q hash
-- @key needs dl:<id> set
-- @key failed df:<id> set
local depend = {}

-- `values` = what the line d of a job says, or would.
function depend.check(id, values)
  if not string.find(values[1], '^[fbcr]d?$') or #values < 2 then refuse.call('The line "d" of a job cannot be read.') end
  if string.byte(id) == 123 then refuse.call('The id of a job with dependencies begins with a brace.') end
  for i = 2, #values do
    local queue = links.parse(values[i])
    local problem = queue ~= '' and elsewhere.problem(queue)
    if problem then refuse.with('QUEUE_MISMATCH', problem) end
  end
end

-- Whether a job that depends on these would wait for itself. It need not be there yet: no cycle leads through it then.
function depend.is_own(id, refs)
  for _, ref in ipairs(refs) do
    local queue, other = links.parse(ref)
    if queue == '' and other == id then return true end
  end
  return false
end

-- The letter of a parent's end, '' while it goes on, nil if there is none. `planned`: the states of earlier rows of the call.
local function fate_of(ref, planned)
  local queue, id = links.parse(ref)
  if queue == '' and planned[id] then return planned[id] end
  local letter
  elsewhere.run(queue, function() letter = links.fate(id) end)
  return letter
end

-- The first that is not there, unless that counts as done.
function depend.missing(values, planned)
  if string.sub(values[1], 2) == 'd' then return nil end
  for i = 2, #values do
    if not fate_of(values[i], planned) then return values[i] end
  end
end

-- In which state a job will be: b blocked, f or x ended at once by what its dependencies have come to, '' as without them.
function depend.state(values, planned)
  local policy, state = string.sub(values[1], 1, 1), ''
  for i = 2, #values do
    local letter = fate_of(values[i], planned)
    if letter == '' then state = state == '' and 'b' or state
    elseif letter and letter ~= 'c' and policy ~= 'r' then
      if policy == 'b' then state = state == '' and 'b' or state
      else state = policy == 'f' and 'f' or 'x' end
    end
  end
  return state
end

local count = 0
-- What earlier rows of the call depend on, by id.
local coming = {}

-- Gives a row that could be added the fate M if a dependency is not there, W if one is the row itself or waits for the job whose place
-- it takes ('' if that cannot be told), else the state in which it will be.
-- `planned` has the ends of earlier rows that are stored, '' of those that go on.
function depend.meet(row, planned)
  if not (row.said and row.said.d) then
    planned[row.id] = ''
    return
  end
  depend.check(row.id, row.said.d)
  count = count + #row.said.d
  links.refuse_many(count)
  local refs = { unpack(row.said.d, 2) }
  if depend.is_own(row.id, refs) then
    row.fate, row.other, row.state = 'W', row.id, ''
    return
  end
  local missing = depend.missing(row.said.d, planned)
  if missing then
    row.fate, row.other, row.state = 'M', missing, ''
    return
  end
  coming[row.id] = refs
  if row.found then
    local way = cycle.find(row.id, refs, coming)
    if way ~= nil then
      row.fate, row.other, row.state = 'W', way and way[1] or '', ''
      return
    end
  end
  row.becomes = depend.state(row.said.d, planned)
  planned[row.id] = row.becomes == 'b' and '' or row.becomes
end

local function fate_at(ref)
  local letter, body
  local queue, parent = links.parse(ref)
  elsewhere.run(queue, function() letter, body = links.fate(parent) end)
  return letter, body
end

-- Makes edges to parents that go on; resolves those to parents that have ended, or that are gone and count as done.
function depend.on(id, refs, now)
  local ended = {}
  for _, ref in ipairs(refs) do
    local letter = fate_at(ref)
    if letter == '' then links.make(id, ref)
    elseif letter then
      -- All are known before the first is resolved: the job is not free before the last is.
      redis.call('SADD', k.needs .. id, ref)
      ended[#ended + 1] = ref
    end
  end
  for _, ref in ipairs(ended) do
    local letter, body = fate_at(ref)
    if letter ~= 'c' then
      links.at(ref, id, function(other, name)
        redis.call('SADD', k.failed .. other, name)
        links.mark(other)
      end)
    end
    unblock.edge(id, ref, letter, body, now)
  end
end

-- Links the rows that were stored as blocked, and lets those run that wait for nothing.
function depend.link(rows, now, bits)
  local drop = redis.call('HGET', k.meta, 'drop') or ''
  for _, row in ipairs(rows) do
    depend.on(row.id, { unpack(row.said.d, 2) }, now)
    if links.is_free(row.id) then unblock.release(row.id, now) end
    -- What an earlier row has become, later ones must find.
    settle.run(now, bits, drop)
  end
  events.flush(bits, now)
end
