-- The text forms of a job: envelope (immutable), header (mutable, absent = default), held value (the fence).
-- Letters instead of bits: p priority, k own retention, x expires, s own stall limit | S suspect, N notes | M started, H header.
-- @key headers m hash
-- @key jobs j hash
local record = {}

record.FORMAT = '1'
record.STATES = { c = 'completed', f = 'failed', t = 'timed_out', b = 'broken', x = 'cancelled' }

-- '1' createdAt(13 digits) flags \t name \t fields \t options \n payload
function record.flags(envelope)
  return string.sub(envelope, 15, string.find(envelope, '\t', 15, true) - 1)
end

-- A job of a later format, or with a flag that this release does not know, must be left to a newer worker.
function record.is_known(envelope)
  return string.find(envelope, '^1%d%d%d%d%d%d%d%d%d%d%d%d%d[pkxs]*\t') ~= nil
end

function record.name(envelope)
  local from = string.find(envelope, '\t', 15, true)
  return string.sub(envelope, from + 1, string.find(envelope, '\t', from + 1, true) - 1)
end

-- The value of one lettered field, as text; nil without it.
function record.field(envelope, letter)
  local _, _, fields = string.find(envelope, '^[^\t]*\t[^\t]*\t([^\t]*)\t')
  return string.match(',' .. (fields or ''), ',' .. letter .. '([^,]*)')
end

function record.created_at(envelope)
  return tonumber(string.sub(envelope, 2, 14))
end

function record.header(text)
  if not text then
    return { failures = 0, stalls = 0, uncounted = 0, place = '0', flags = '', priority = '' }
  end
  local f, s, u, p, flags, priority = string.match(text, '^1(%d+),(%d+),(%d+),(%d+),(%a*),(-?%d*)$')
  return { failures = tonumber(f), stalls = tonumber(s), uncounted = tonumber(u), place = p, flags = flags, priority = priority }
end

function record.header_text(h)
  return record.FORMAT .. h.failures .. ',' .. h.stalls .. ',' .. h.uncounted .. ',' .. h.place .. ',' .. h.flags .. ',' .. h.priority
end

function record.has(flags, letter)
  return string.find(flags, letter, 1, true) ~= nil
end

-- The place of a job in the ready list: absent header = 0.
function record.place(text)
  return text and string.match(text, '^1%d+,%d+,%d+,(%d+)') or '0'
end

-- Headers and, where the queue uses priorities, the priority of each id: { id, header, priority }.
function record.load(ids, with_priority)
  local rows = {}
  if #ids == 0 then return rows end
  local headers = redis.call('HMGET', k.headers, unpack(ids))
  local envelopes = with_priority and redis.call('HMGET', k.jobs, unpack(ids)) or {}
  for i = 1, #ids do
    local h = record.header(headers[i])
    local priority = h.priority
    if priority == '' and envelopes[i] and record.has(record.flags(envelopes[i]), 'p') then
      priority = record.field(envelopes[i], 'p')
    end
    rows[i] = { id = ids[i], header = h, stored = headers[i], priority = tonumber(priority) or 0 }
  end
  return rows
end
