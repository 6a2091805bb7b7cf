-- The text forms of a job: envelope (immutable), header (mutable, absent = default), held value (the fence).
-- Letters of a field: p priority, k own retention, x expires, s own stall limit, u unique until its end, v until its start, f a
-- job in store for its failure. Of a header: S suspect, N has notes, X expires no more, T tags, R resources, Y has a
-- history, G group, D depends on others, P others depend on it.
local record = {}

record.FORMAT = '1'
-- A body without flags and fields: of nearly all jobs.
record.PLAIN_BODY = '^\t[^%c]+\t\t[^\n]*\n'
record.STATES = { c = 'completed', f = 'failed', t = 'timed_out', b = 'broken', x = 'cancelled' }

-- '1' createdAt(13 digits) flags \t name \t fields \t options \n payload
local ENVELOPE = '^1%d%d%d%d%d%d%d%d%d%d%d%d%d[pkxsuvf]*\t[^%c]+\t[%d:,pkxsuvf%-]*\t'
-- '1' failures , stalls , uncounted , place , flags , priority
local HEADER = '^1%d+,%d+,%d+,%d+,[SNXTRYGDP]*,%-?%d*$'

-- Whether `body` makes a good envelope behind a format and a time.
function record.is_body(body)
  return string.find(body, '^[pkxsuvf]*\t[^%c]+\t[%d:,pkxsuvf%-]*\t[^\n]*\n') ~= nil
end

-- Whether the flags of a body are the letters of its fields.
function record.agrees(body)
  local flags, fields = string.match(body, '^(%a*)\t[^\t]*\t([^\t]*)\t')
  return flags == string.gsub(fields, '%A', '')
end

-- A job of a later format, or with a letter that this release does not know, must be left to a newer worker.
function record.is_known(envelope, header)
  return string.find(envelope, ENVELOPE) ~= nil and (not header or string.find(header, HEADER) ~= nil)
end

function record.name(envelope)
  return string.match(envelope, '^1[^\t]*\t([^\t]*)\t') or ''
end

-- The facts that the core needs of a job: the envelope's fields as they stand (`p5,x1000`), '' for most jobs. In a held
-- value they go on in capitals: H has a header, and the header's letters, M its start was marked.
function record.facts(envelope)
  if string.byte(envelope, 15) == 9 then return '' end
  return string.match(envelope, '^1[^\t]*\t[^\t]*\t([^\t]*)\t') or ''
end

-- The value of one lettered fact, as text; nil without it.
function record.fact(facts, letter)
  return string.match(',' .. facts, ',' .. letter .. '([%d:%-]*)')
end

function record.has(facts, letter)
  return string.find(facts, letter, 1, true) ~= nil
end

-- The letters of the header in the facts of a held value; M is none of them.
function record.flags(facts)
  return (string.gsub(string.match(facts, 'H(%a*)') or '', 'M', ''))
end

function record.created_at(envelope)
  return tonumber(string.sub(envelope, 2, 14))
end

-- What a later format puts behind these parts stays as it is; what cannot be read at all counts as absent.
function record.header(text)
  local format, failures, stalls, uncounted, place, flags, priority, rest =
    string.match(text or '', '^(%w)(%d+),(%d+),(%d+),(%d+),(%a*),(%-?%d*)(.*)$')
  if not format then
    return { format = record.FORMAT, failures = 0, stalls = 0, uncounted = 0, place = '0', flags = '', priority = '', rest = '' }
  end
  return { format = format, failures = tonumber(failures), stalls = tonumber(stalls), uncounted = tonumber(uncounted),
    place = place, flags = flags, priority = priority, rest = rest }
end

function record.header_text(h)
  return h.format .. h.failures .. ',' .. h.stalls .. ',' .. h.uncounted .. ',' .. h.place .. ',' .. h.flags .. ','
    .. h.priority .. h.rest
end

-- The place of a job in the ready list: absent header = 0.
function record.place(header)
  return header and string.match(header, '^%w%d+,%d+,%d+,(%d+)') or '0'
end

-- An entry of a list of jobs: the id, or id \t place. And what such an entry says.
function record.entry(id, place) return place == '0' and id or id .. '\t' .. place end

function record.read_entry(entry)
  local tab = string.find(entry, '\t', 1, true)
  if not tab then return entry, '0' end
  return string.sub(entry, 1, tab - 1), string.sub(entry, tab + 1)
end

-- A job with its header. A priority that the header has overrides that of the envelope; `facts` are needed only where the
-- job was ready or running, for a job that waits for anything else has its priority in the header.
function record.row(id, stored, facts)
  local header = record.header(stored)
  if header.priority == '' then header.priority = record.fact(facts, 'p') or '' end
  return { id = id, header = header, stored = stored, priority = tonumber(header.priority) or 0 }
end
