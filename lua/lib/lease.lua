-- Leases ready jobs to an epoch. Nothing is written to a job: the held value `slot.seq.flags` is the fence.
-- @require record, ready, finish, events
-- @key held h:<epoch> hash
-- @key jobs j hash
-- @key headers m hash
-- @key meta q hash
-- @key unclaimed u:<name> zset
-- @key names un set
local lease = {}

-- One reply of 100 MiB held the server for 680 ms: a call stops at this many bytes.
local MAX_BYTES = 4194304
local MAX_LOOKED = 1000
-- Not a job's name (those have no control characters): where jobs of a later format wait for a newer worker.
local LATER_FORMAT = '\tformat'
local EXPIRED = '{"name":"JobExpiredError","code":"EXPIRED","kind":"expired","message":"The job was not started within its expiresInMs."}'

local function flags_of(envelope, header)
  if header then return record.flags(envelope) .. 'H' .. record.header(header).flags end
  return string.byte(envelope, 15) == 9 and '' or record.flags(envelope)
end

local function leave_to_newer(id)
  redis.call('SADD', k.names, LATER_FORMAT)
  redis.call('ZADD', k.unclaimed .. LATER_FORMAT, redis.call('ZCARD', k.unclaimed .. LATER_FORMAT), id)
end

local function is_expired(envelope, flags, now)
  return record.has(flags, 'x') and record.created_at(envelope) + tonumber(record.field(envelope, 'x')) <= now
end

-- Leases up to `want` jobs, read in chunks of `chunk`, and settles the call (`refused` is part of its answer). Returns
-- { id, envelope, … }, { number in the first list, header, … }, and whether nothing more is ready.
function lease.take(epoch, slot, seq, refused, want, chunk, bits, now)
  local token = slot .. '.' .. seq .. '.'
  local jobs, headers, values = {}, {}, { '\t' .. slot, seq .. ',' .. refused }
  local bytes, ghosts, looked, dry = 0, 0, 0, false
  while not dry and #jobs < 2 * want and bytes < MAX_BYTES and looked < MAX_LOOKED + want do
    local asked = math.min(want - #jobs / 2, chunk)
    local entries = ready.take(asked, bits)
    dry = #entries < asked
    if #entries == 0 then break end
    looked = looked + #entries
    local ids = {}
    for i = 1, #entries do ids[i] = entries[i][1] end
    local envelopes = redis.call('HMGET', k.jobs, unpack(ids))
    local stored = redis.call('HMGET', k.headers, unpack(ids))
    for i = 1, #ids do
      local id, envelope, header, place = ids[i], envelopes[i], stored[i], entries[i][2]
      if not envelope or (place and place ~= record.place(header)) then
        if place then ghosts = ghosts + 1 end
      elseif not record.is_known(envelope) then leave_to_newer(id)
      else
        local flags = flags_of(envelope, header)
        if is_expired(envelope, flags, now) then
          finish.push({ id = id, letter = 'x', flags = flags, attempt = 0, duration = 0, body = EXPIRED, name = record.name(envelope) })
        else
          bytes = bytes + #envelope
          values[#values + 1] = id
          values[#values + 1] = token .. flags
          jobs[#jobs + 1] = id
          jobs[#jobs + 1] = envelope
          if header then headers[#headers + 1] = tostring(#jobs / 2); headers[#headers + 1] = header end
          if string.find(bits, 'e', 1, true) then events.push('a', id, record.name(envelope)) end
        end
      end
    end
  end
  if ghosts > 0 then redis.call('HINCRBY', k.meta, 'ghosts', -ghosts) end
  redis.call('HSET', k.held .. epoch, unpack(values))
  return jobs, headers, dry
end

-- What a call has leased that is still held: the answer to the same call sent again.
function lease.again(epoch, slot, seq)
  local token = slot .. '.' .. seq .. '.'
  local held = redis.call('HGETALL', k.held .. epoch)
  local ids = {}
  for i = 1, #held, 2 do
    if string.byte(held[i]) ~= 9 and string.sub(held[i + 1], 1, #token) == token then ids[#ids + 1] = held[i] end
  end
  local jobs, headers = {}, {}
  if #ids == 0 then return jobs, headers end
  local envelopes = redis.call('HMGET', k.jobs, unpack(ids))
  local stored = redis.call('HMGET', k.headers, unpack(ids))
  for i = 1, #ids do
    jobs[#jobs + 1] = ids[i]
    jobs[#jobs + 1] = envelopes[i]
    if stored[i] then headers[#headers + 1] = tostring(i); headers[#headers + 1] = stored[i] end
  end
  return jobs, headers
end
