-- Odd jobs of a batch of `lease`, those with flags or a header: what cannot run is put where it belongs, and others take its
-- place.
-- @require record, finish, events, aside, resources, units, turns, lease
local sift = {}

local EXPIRED = '{"name":"JobExpiredError","code":"JOB_EXPIRED","kind":"expired","message":"The job was not started within its expiresInMs."}'

local function is_expired(envelope, facts, now)
  local ms = facts ~= '' and not record.has(facts, 'X') and tonumber(record.fact(facts, 'x'))
  return ms and record.created_at(envelope) + ms <= now
end

local function expire(id, envelope, stored, facts)
  local header = record.header(stored)
  finish.push({ id = id, letter = 'x', facts = facts, attempt = header.failures + header.stalls, duration = 0, body = EXPIRED,
    name = record.name(envelope) })
end

local function leave_to_newer(id)
  aside.put(aside.LATER_FORMAT, id)
  events.push('n', id)
end

-- The facts of a job that can run, or nil after it was put where it belongs.
local function to_run(id, envelope, header, now)
  if not record.is_known(envelope, header) then return leave_to_newer(id) end
  local facts = record.facts(envelope)
  if header then facts = facts .. 'H' .. record.header(header).flags end
  if is_expired(envelope, facts, now) then return expire(id, envelope, header, facts) end
  if record.has(facts, 'R') and not resources.take(id, header, facts) then return nil end
  return facts
end

-- Takes those of a batch out that `gone` names by their numbers.
local function close_up(batch, gone)
  local n, from = 0, #batch.ids
  for i = 1, from do
    if not gone[i] then
      n = n + 1
      batch.ids[n], batch.envelopes[n] = batch.ids[i], batch.envelopes[i]
      batch.headers[n], batch.facts[n] = batch.headers[i], batch.facts[i]
    end
  end
  for i = n + 1, from do
    batch.ids[i], batch.envelopes[i], batch.headers[i], batch.facts[i] = nil, nil, nil, nil
  end
end

-- Reads the facts of the odd ones, and takes out those that cannot run.
local function sort_out(batch, now)
  local odd, gone = batch.odd, {}
  batch.odd = {}
  for _, i in ipairs(odd) do
    local facts = to_run(batch.ids[i], batch.envelopes[i], batch.headers[i], now)
    if facts then
      batch.facts[i] = batch.facts[i] == '' and facts or units.mark(batch.facts[i], facts)
    else
      gone[i] = true
      -- Its group may have more.
      if turns.give_back(batch.ids[i]) then batch.dry = false end
    end
  end
  close_up(batch, gone)
  if batch.extra > 0 then batch.extra = units.extra(batch.facts) end
end

-- Until nothing odd is left in the batch that was not looked at.
function sift.run(batch, want, chunk, bits, now)
  while #batch.odd > 0 or #batch.units > 0 do
    if #batch.units > 0 then units.expand(batch, chunk, bits) end
    sort_out(batch, now)
    lease.fill(batch, want, chunk, bits)
  end
end
