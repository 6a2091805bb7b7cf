-- Mends what is kept of jobs beside their envelopes.
-- @require record, audit-homes, audit-records, audit-shape, tags, side, failures
-- @key headers m hash
-- @key jobs j hash
-- @key outcomes o hash
-- @key sides x hash
-- @key notes s:<id> hash
-- @key entries hs:<id> list
-- @key needs dl:<id> set
-- @key results dr:<id> hash
-- @key dependents dd:<id> set
-- @key failed df:<id> set
-- @key held h:<epoch> hash
local mend_records = {}

local LOST = '{"name":"Error","kind":"lost","message":"The outcome of the job was lost: it was put together again by repair."}'

-- Takes away an entry or field, or the whole key.
function mend_records.strike(suffix, member)
  local key = audit_shape.key(suffix)
  local is = redis.call('TYPE', key).ok
  if member == '' then redis.call('UNLINK', key)
  elseif is == 'hash' then redis.call('HDEL', key, member)
  elseif is == 'zset' then redis.call('ZREM', key, member)
  elseif is == 'set' then redis.call('SREM', key, member)
  elseif is == 'list' then redis.call('LREM', key, 1, member) end
end

-- A hash beside the keys of the queue; where a key of another type was set aside, the next one.
local function hash_aside(suffix)
  local number, name, is = 0, nil, nil
  repeat
    number = number + 1
    name = audit_shape.aside(suffix, number)
    is = redis.call('TYPE', name).ok
  until is == 'hash' or is == 'none'
  return name
end

-- Keeps what cannot be read: nobody reads it but people.
function mend_records.keep(suffix, member)
  local key = audit_shape.key(suffix)
  if redis.call('TYPE', key).ok ~= 'hash' then return end
  redis.call('HSET', hash_aside(suffix), member, redis.call('HGET', key, member))
end

local function has_any(...) return redis.call('EXISTS', ...) > 0 end

-- The letters that a header has to have: S, X and N stay as they are said.
local function letters(id, said)
  local flags = string.gsub(said, '[^SXN]', '')
  if not record.has(flags, 'N') and has_any(k.notes .. id) then flags = flags .. 'N' end
  local lines = audit_records.lines(id)
  for letter in string.gmatch('TRG', '.') do
    if record.has(lines, letter) then flags = flags .. letter end
  end
  if has_any(k.entries .. id) then flags = flags .. 'Y' end
  if record.has(lines, 'D') or record.has(said, 'D') or has_any(k.needs .. id, k.results .. id) then flags = flags .. 'D' end
  if record.has(said, 'P') or has_any(k.dependents .. id, k.failed .. id) then flags = flags .. 'P' end
  return flags
end

-- Says in a hold what the header says.
function mend_records.tell_hold(epoch, id)
  local value, stored = redis.call('HGET', k.held .. epoch, id), redis.call('HGET', k.headers, id)
  local token, facts = string.match(value, '^(%w+%.%d+%.%d*)(.*)$')
  if not token then return end
  local own, capitals = string.match(facts, '^([^A-Z]*)(.*)$')
  local flags = stored and 'H' .. record.header(stored).flags or ''
  redis.call('HSET', k.held .. epoch, id, token .. own .. flags .. (record.has(capitals, 'M') and 'M' or ''))
end

local function sorted(flags)
  local all = {}
  for letter in string.gmatch(flags, '.') do all[#all + 1] = letter end
  table.sort(all)
  return table.concat(all)
end

-- Writes a header that says what there is; one that cannot be read begins anew. False if it says that already.
function mend_records.header(id)
  if not audit_homes.exists(id) then return false end
  local stored = redis.call('HGET', k.headers, id)
  local header = record.header(stored)
  local needed, own = letters(id, header.flags), header.priority
  if own == '' then header.priority = record.fact(record.facts(redis.call('HGET', k.jobs, id)), 'p') or '' end
  local is_same = sorted(needed) == sorted(header.flags) and own == header.priority
  if is_same and audit_records.is_header(stored) then return false end
  header.flags = needed
  redis.call('HSET', k.headers, id, record.header_text(header))
  for _, hold in ipairs(audit_homes.holds({ id })[id]) do mend_records.tell_hold(hold.epoch, id) end
  return true
end

-- The outcome of a job of which nothing but its state is known.
function mend_records.invent(id, letter, at)
  local header = record.header(redis.call('HGET', k.headers, id))
  local attempt = header.failures + header.stalls + (letter == 'c' and 1 or 0)
  redis.call('HSET', k.outcomes, id, letter .. string.format('%.0f', at) .. ',' .. attempt .. ',0\n' .. (letter == 'c' and '' or LOST))
end

local LETTERS = { completed = 'c', failed = 'f', timed_out = 't', broken = 'b', cancelled = 'x' }

-- In the index of a state without an outcome: it ended when the index says, or now.
function mend_records.ended(suffix, id, now)
  local kind, state = string.match(suffix, '^(%a):(.*)$')
  local at = kind == 'f' and tonumber(redis.call('ZSCORE', audit_shape.key(suffix), id)) or now
  mend_records.invent(id, LETTERS[state], math.min(at, now))
end

-- An outcome that cannot be read: the state is that of the collection, or what it begins with.
function mend_records.outcome(id, now)
  mend_records.keep('o', id)
  local letter
  for _, suffix in ipairs(audit_homes.of({ id })[id]) do letter = letter or LETTERS[string.match(suffix, '^[fy]:(.*)$') or ''] end
  letter = letter or audit_homes.letter(id)
  if record.STATES[letter] then mend_records.invent(id, letter, now) else redis.call('HDEL', k.outcomes, id) end
end

-- Into the group of failures of its name and the usual kind of its end.
function mend_records.group_failure(id)
  local letter, at = string.match(redis.call('HGET', k.outcomes, id), '^(%a)(%d+)')
  failures.enter({ id = id, letter = letter, called = record.name(redis.call('HGET', k.jobs, id)) }, at)
  failures.flush()
end

-- Lines that cannot be read go; the header says what is left.
function mend_records.lines(id)
  mend_records.keep('x', id)
  local text = audit_records.readable(redis.call('HGET', k.sides, id))
  if text == '' then redis.call('HDEL', k.sides, id) else redis.call('HSET', k.sides, id, text) end
  mend_records.header(id)
end

-- Among the jobs of each tag that its lines name.
function mend_records.tag(id, now)
  tags.add(id, side.of(id).t or {}, now)
end
