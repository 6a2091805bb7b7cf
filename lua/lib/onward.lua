-- Ends of attempts after which something goes on, by the same call: q completed, and another job is added; m the job itself moves
-- to another queue of the slot, as new. All are checked before the first is applied.
-- @require refuse, record, features, intake, side, amend, elsewhere, moving, leave, edges, settle, events
-- @key meta q hash
local onward = {}

local NO_QUEUE = '{"name":"CrossSlotError","code":"CROSS_SLOT","message":"The job was to go on in a queue that was not declared in the slot of its own."}'
local TAKEN = '{"name":"JobConflictError","code":"JOB_CONFLICT","message":"The job was to go on in a queue where its id or its unique key is taken."}'

local TOO_MUCH = '{"name":"InvalidOptionError","code":"INVALID_OPTION","message":"A job with more than 1,000 dependencies and dependents cannot go to another queue."}'

-- What the ends of the call bring, by id: a job that follows several is said by one of them, and may be so by one that is refused.
local offered = {}

-- @ id of what another end of the call brings; or bytes of the head , bytes of the body \t queue \n head body result: a row as of `add-checked`, without a given id or a unique
-- key, and the result of the job that has ended.
local function read_next(e)
  if string.byte(e.body) == 64 then return end
  local head, bytes, queue, rest = string.match(e.body, '^(%d+),(%d+)\t([^%c]*)\n(.*)$')
  head, bytes = tonumber(head), tonumber(bytes)
  if not head or #rest < head + bytes then refuse.call('The job that follows another one cannot be read.') end
  local id, how, lines = intake.read(string.sub(rest, 1, head), true)
  local said = lines ~= '' and side.read(lines) or nil
  if how.c or (said and (said.u or said.d)) then refuse.call('A job that follows another one has a given id, a unique key or dependencies.') end
  local body = string.sub(rest, head + 1, head + bytes)
  local is_prioritised = intake.check(body, how, said)
  e.queue, e.body = queue, string.sub(rest, head + bytes + 1)
  e.next = { id = id, how = how, said = said, body = body, is_prioritised = is_prioritised, queue = queue }
  offered[id] = e.next
end

local function find_next(e)
  if e.next then return end
  e.next = offered[string.sub(e.body, 2)]
  if not e.next then refuse.call('The job that follows several is brought by no end of the call.') end
  e.queue, e.body = e.next.queue, ''
end

-- queue \t how \t name, or nothing \t 1 with the payload that follows or 0 \n payload
local function read_move(e)
  local queue, how, name, has_data, data = string.match(e.body, '^([^%c]*)\t([^%c]*)\t([^%c]*)\t([01])\n(.*)$')
  if not queue then refuse.call('Where a job is to move cannot be read.') end
  local _, instructions = intake.read(e.id .. '\t' .. how)
  e.queue, e.body = queue, ''
  e.move = { how = instructions, name = name ~= '' and name or nil, data = has_data == '1' and data or nil }
end

-- The attempt ends as failed in place of what it was to be, and whoever handed that in is told `why`.
local function fail(e, kind, body, why) e.how, e.kind, e.body, e.next, e.move, e.why = 'f', kind, body, nil, nil, why end

local function bits_here() return redis.call('HGET', k.meta, 'bits') or '' end

-- Adds what follows ended jobs to a queue.
local function add(queue, entries, now)
  elsewhere.run(queue, function()
    local bits, stamp = bits_here(), record.FORMAT .. string.format('%.0f', now)
    for _, e in ipairs(entries) do
      if e.next.is_prioritised then bits = features.enable(bits, 'p') end
      if e.next.said then bits = features.enable_all(bits, side.features(e.next.said)) end
      if not e.next.is_added then intake.push(e.next.id, stamp .. e.next.body, e.next.how, '0', now, e.next.said) end
      e.next.is_added = true
    end
    intake.flush(bits, now)
    intake.clear()
  end)
end

-- One by one: what one of them takes may be in the way of the next.
local function move(epoch, e, now, bits, drop)
  local parcel, obstacle, there = moving.look(e.id, e.move.how), nil, ''
  elsewhere.run(e.queue, function() obstacle, there = moving.obstacle(parcel, e.queue == '', now), bits_here() end)
  local change = e.move
  if not obstacle and e.queue ~= '' and moving.is_too_much(parcel) then obstacle = 'E' end
  if obstacle == 'E' then fail(e, 'INVALID_OPTION', TOO_MUCH, obstacle)
  elseif obstacle then fail(e, 'JOB_CONFLICT', TAKEN, obstacle) end
  leave.apply(epoch, { e }, now, bits, drop)
  if edges.is_noted() then settle.run(now, bits, drop) end
  if obstacle then return end
  parcel.envelope = amend.envelope(parcel.envelope, change.name, change.data)
  moving.take(parcel, nil, e.queue)
  if e.queue ~= '' then events.push('m', e.id, record.name(parcel.envelope)) end
  events.flush(bits, now)
  elsewhere.run(e.queue, function()
    if parcel.is_prioritised then there = features.enable(there, 'p') end
    if parcel.waiting then there = features.enable(there, 'a') end
    there = features.enable_all(there, side.features(parcel.said))
    moving.put(parcel, now, there)
    if edges.is_noted() then settle.run(now, there, redis.call('HGET', k.meta, 'drop') or '') end
    events.flush(there, now)
  end)
end

-- What the worker is told of its ends: `refused`, and those that became failures.
local function told(refused, entries)
  local parts = { refused ~= '' and refused or nil }
  for _, e in ipairs(entries) do
    if e.why then parts[#parts + 1] = e.number .. e.why end
  end
  return table.concat(parts, ',')
end

-- `lost` are ends `q` that do not count: what they bring can follow others. Returns `refused` with what became of these.
function onward.apply(epoch, entries, lost, refused, now, bits, drop)
  for _, e in ipairs(lost) do read_next(e) end
  for _, e in ipairs(entries) do
    if e.how == 'q' then read_next(e) else read_move(e) end
  end
  for _, e in ipairs(entries) do
    if e.how == 'q' then find_next(e) end
  end
  local ended, queues, following = {}, {}, {}
  for _, e in ipairs(entries) do
    if e.queue == elsewhere.own_name() then e.queue = '' end
    if e.queue ~= '' and elsewhere.problem(e.queue) then fail(e, 'CROSS_SLOT', NO_QUEUE, 'S') end
    if e.next then
      e.how = 'c'
      if not following[e.queue] then following[e.queue] = {}; queues[#queues + 1] = e.queue end
      table.insert(following[e.queue], e)
    end
    if not e.move then ended[#ended + 1] = e end
  end
  leave.apply(epoch, ended, now, bits, drop)
  if edges.is_noted() then settle.run(now, bits, drop) end
  events.flush(bits, now)
  for _, queue in ipairs(queues) do add(queue, following[queue], now) end
  for _, e in ipairs(entries) do
    if e.move then move(epoch, e, now, bits, drop) end
  end
  return told(refused, entries)
end
