-- Leases ready jobs to an epoch. Nothing is written to a job: its held value is the fence.
-- @require record, ready, holds, units
-- @key held h:<epoch> hash
-- @key jobs j hash
-- @key headers m hash
-- @key meta q hash
local lease = {}

-- One reply of 100 MiB held the server for 680 ms: a call stops at this many bytes.
local MAX_BYTES = 4194304
local MAX_LOOKED = 1000

-- A job that is read and has neither flags nor header: nearly all. The others are `sift`'s.
local function is_plain(envelope, header)
  return not header and string.byte(envelope, 15) == 9 and string.byte(envelope) == 49
end

function lease.batch()
  return { ids = {}, envelopes = {}, headers = {}, facts = {}, odd = {}, units = {}, dry = false, bytes = 0, looked = 0, members = 0, extra = 0 }
end

-- Fills a batch with ready jobs up to `want`, read in chunks of `chunk`. If it has odd ones or units, `sift.run` is to follow.
function lease.fill(batch, want, chunk, bits)
  local n, ghosts, units_taken = #batch.ids, 0, batch.units
  local most = want + batch.extra
  while not batch.dry and n + #units_taken < most and batch.bytes < MAX_BYTES and batch.looked < MAX_LOOKED + want do
    local asked = math.min(most - n - #units_taken, chunk)
    local ids, places, more = ready.take(asked, bits)
    batch.dry = #ids < asked and not more
    if #ids == 0 then break end
    batch.looked = batch.looked + #ids
    local envelopes = redis.call('HMGET', k.jobs, unpack(ids))
    local stored = redis.call('HMGET', k.headers, unpack(ids))
    for i = 1, #ids do
      local envelope, header, place = envelopes[i], stored[i], places[i]
      if not envelope or (place and place ~= record.place(header)) then
        local unit = string.match(ids[i] .. '\t' .. (place or ''), '^\t+b(%d+)\t?$')
        if unit then units_taken[#units_taken + 1] = unit
        elseif place then ghosts = ghosts + 1 end
      else
        n = n + 1
        batch.bytes = batch.bytes + #envelope
        batch.ids[n], batch.envelopes[n], batch.headers[n], batch.facts[n] = ids[i], envelope, header, ''
        if not is_plain(envelope, header) then batch.odd[#batch.odd + 1] = n end
      end
    end
  end
  if ghosts > 0 then redis.call('HINCRBY', k.meta, 'ghosts', -ghosts) end
end

-- Holds the batch for the epoch, and settles the call (`refused` is part of its answer). `leased` is what the epoch has leased
-- before, nil at first: the number counts on. Returns { id, envelope, … } and { number in the first list, header, … }.
function lease.hold(batch, epoch, slot, seq, refused, leased)
  local format, settled = string.format, string.format('%d', seq)
  leased = #batch.ids > 0 and tonumber(leased or '1000000000000')
  local token = slot .. '.' .. settled .. '.'
  local jobs, headers, values = {}, {}, { '\t' .. slot, settled .. ',' .. refused }
  for i, id in ipairs(batch.ids) do
    values[#values + 1] = id
    values[#values + 1] = token .. format('%d', leased + i - 1) .. batch.facts[i] -- as a number it takes thrice as long
    jobs[#jobs + 1] = id
    jobs[#jobs + 1] = batch.envelopes[i]
    if batch.headers[i] then headers[#headers + 1] = tostring(i); headers[#headers + 1] = batch.headers[i] end
  end
  if batch.members > 0 then units.tell(batch.facts, headers) end
  if #jobs > 0 then values[#values + 1] = '\tleased'; values[#values + 1] = string.format('%d', leased + #batch.ids) end
  redis.call('HSET', k.held .. epoch, unpack(values))
  -- A string costs a reply a seventh of what a list does that has nothing.
  return #jobs > 0 and jobs or '', #headers > 0 and headers or ''
end

-- What a call has leased that is still held: the answer to the same call sent again.
function lease.again(epoch, slot, seq)
  local token = slot .. '.' .. string.format('%d', seq) .. '.'
  local held, found = redis.call('HGETALL', k.held .. epoch), {}
  for i = 1, #held, 2 do
    if string.byte(held[i]) ~= 9 and string.sub(held[i + 1], 1, #token) == token then
      found[#found + 1] = holds.entry(held[i], held[i + 1])
    end
  end
  local jobs, headers, ids, facts = {}, {}, {}, {}
  if #found == 0 then return jobs, headers end
  holds.sort(found)
  for i = 1, #found do ids[i], facts[i] = found[i].id, found[i].facts end
  local envelopes = redis.call('HMGET', k.jobs, unpack(ids))
  local stored = redis.call('HMGET', k.headers, unpack(ids))
  for i = 1, #ids do
    jobs[#jobs + 1] = ids[i]
    jobs[#jobs + 1] = envelopes[i]
    if stored[i] then headers[#headers + 1] = tostring(i); headers[#headers + 1] = stored[i] end
  end
  units.tell(facts, headers)
  return jobs, headers
end
