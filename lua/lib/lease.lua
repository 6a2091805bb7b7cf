-- Leases ready jobs to an epoch. Nothing is written to a job: its held value is the fence.
-- @require record, ready, finish, events, aside, holds
-- @key held h:<epoch> hash
-- @key jobs j hash
-- @key headers m hash
-- @key meta q hash
local lease = {}

-- One reply of 100 MiB held the server for 680 ms: a call stops at this many bytes.
local MAX_BYTES = 4194304
local MAX_LOOKED = 1000
local EXPIRED = '{"name":"JobExpiredError","code":"JOB_EXPIRED","kind":"expired","message":"The job was not started within its expiresInMs."}'

local function facts_of(envelope, header)
  local facts = record.facts(envelope)
  return header and facts .. 'H' .. record.header(header).flags or facts
end

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
  -- Of this format, without flags and header: nearly all jobs.
  if not header and string.byte(envelope, 15) == 9 and string.byte(envelope) == 49 then return '' end
  if not record.is_known(envelope, header) then return leave_to_newer(id) end
  local facts = facts_of(envelope, header)
  if is_expired(envelope, facts, now) then return expire(id, envelope, header, facts) end
  return facts
end

-- Leases up to `want` jobs, read in chunks of `chunk`, and settles the call (`refused` is part of its answer). `leased` counts
-- on from what the epoch has leased before. Returns
-- { id, envelope, … }, { number in the first list, header, … }, and whether nothing more is ready.
function lease.take(epoch, slot, seq, refused, leased, want, chunk, bits, now)
  local settled = string.format('%.0f', seq)
  local token = slot .. '.' .. settled .. '.'
  local jobs, headers, values = {}, {}, { '\t' .. slot, settled .. ',' .. refused }
  local bytes, ghosts, looked, dry = 0, 0, 0, false
  while not dry and #jobs < 2 * want and bytes < MAX_BYTES and looked < MAX_LOOKED + want do
    local asked = math.min(want - #jobs / 2, chunk)
    local ids, places = ready.take(asked, bits)
    dry = #ids < asked
    if #ids == 0 then break end
    looked = looked + #ids
    local envelopes = redis.call('HMGET', k.jobs, unpack(ids))
    local stored = redis.call('HMGET', k.headers, unpack(ids))
    for i = 1, #ids do
      local id, envelope, header, place = ids[i], envelopes[i], stored[i], places[i]
      if not envelope or (place and place ~= record.place(header)) then
        if place then ghosts = ghosts + 1 end
      else
        local facts = to_run(id, envelope, header, now)
        if facts then
          bytes = bytes + #envelope
          values[#values + 1] = id
          values[#values + 1] = token .. (leased + #jobs / 2) .. facts
          jobs[#jobs + 1] = id
          jobs[#jobs + 1] = envelope
          if header then headers[#headers + 1] = tostring(#jobs / 2); headers[#headers + 1] = header end
          if string.find(bits, 'e', 1, true) then events.push('a', id, record.name(envelope)) end
        end
      end
    end
  end
  if ghosts > 0 then redis.call('HINCRBY', k.meta, 'ghosts', -ghosts) end
  if #jobs > 0 then values[#values + 1] = '\tleased'; values[#values + 1] = string.format('%.0f', leased + #jobs / 2) end
  redis.call('HSET', k.held .. epoch, unpack(values))
  return jobs, headers, dry
end

-- What a call has leased that is still held: the answer to the same call sent again.
function lease.again(epoch, slot, seq)
  local token = slot .. '.' .. string.format('%.0f', seq) .. '.'
  local held, found = redis.call('HGETALL', k.held .. epoch), {}
  for i = 1, #held, 2 do
    if string.byte(held[i]) ~= 9 and string.sub(held[i + 1], 1, #token) == token then
      found[#found + 1] = holds.entry(held[i], held[i + 1])
    end
  end
  local jobs, headers, ids = {}, {}, {}
  if #found == 0 then return jobs, headers end
  holds.sort(found)
  for i = 1, #found do ids[i] = found[i].id end
  local envelopes = redis.call('HMGET', k.jobs, unpack(ids))
  local stored = redis.call('HMGET', k.headers, unpack(ids))
  for i = 1, #ids do
    jobs[#jobs + 1] = ids[i]
    jobs[#jobs + 1] = envelopes[i]
    if stored[i] then headers[#headers + 1] = tostring(i); headers[#headers + 1] = stored[i] end
  end
  return jobs, headers
end
