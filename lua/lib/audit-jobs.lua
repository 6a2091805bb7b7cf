-- Of each job in store: whether its envelope can be read, and whether it is in the one collection in which its state has it.
-- @require record, audit, audit-homes, audit-indexes
-- @key in_group g:<group> zset
-- @key headers m hash
-- @key meta q hash
-- @key ids ids zset
local audit_jobs = {}

-- In any format: format, 13 digits, flags, name, fields, options.
local ENVELOPE = '^%w%d%d%d%d%d%d%d%d%d%d%d%d%d%a*\t[^%c]+\t[^%c]*\t[^\n]*\n'
local LATER = 'u:\tformat'
-- Where the priority is looked up in the header alone.
local BLIND = { d = true, t = true, b = true }

local homes = {}

-- To be called before `check`, with all jobs of a page.
function audit_jobs.prepare(ids) homes = audit_homes.of(ids) end

-- The state that its collection says; 'live' for all that have not ended.
local function state_of(home) return string.match(home, '^[fy]:(.*)$') or 'live' end

local function check_homeless(id, envelope, letter)
  local group = audit_homes.group(id)
  -- Its group has it, of which those are told that look at the group.
  if group and redis.call('ZSCORE', k.in_group .. group, id) then return end
  if not letter then
    audit.report('candidate', 'r', id, '', '', audit_homes.mark(id, envelope))
  elseif letter == 'c' then
    audit.report('candidate', 'fc', id, '', '', audit_homes.mark(id, envelope))
  else
    audit.report('homeless', 'j', id, 'it has ended, and is not among the jobs of its state', 'it is put there')
  end
end

local function check_home(id, home, letter, envelope)
  local state = state_of(home)
  if letter and state ~= record.STATES[letter] then
    audit.report('misplaced', 'j', id, 'it has ended as ' .. letter .. ' and is in ' .. home, 'it is put where its end has it')
  elseif BLIND[home] or (string.find(home, '^u:') and home ~= LATER) then
    local priority = record.fact(record.facts(envelope), 'p')
    local header = record.header(redis.call('HGET', k.headers, id))
    if priority and header.priority == '' then
      audit.report('header', 'j', id, 'its header does not say its priority', 'the header says it')
    end
  end
end

-- `add-checked` looks among the known ids only for a job whose id was given.
local function check_given(id)
  if string.find(id, '^%w%w%w%w%w%w%w%w%w~') or redis.call('ZSCORE', k.ids, id) then return end
  audit.report('missing', 'j', id, 'its id was given, and is not among those that are known: another job could take its place', 'it is known, as long as the job is there', 'id')
end

-- Features that the job needs.
local function check_bits(id, envelope, flags)
  local bits = redis.call('HGET', k.meta, 'bits') or ''
  local row = record.row(id, redis.call('HGET', k.headers, id), record.facts(envelope))
  local missing = ''
  if row.priority ~= 0 and not record.has(bits, 'p') then missing = missing .. 'p' end
  if record.has(flags, 'R') and not record.has(bits, 'w') then missing = missing .. 'w' end
  if record.has(flags, 'G') and not record.has(bits, 'o') then missing = missing .. 'o' end
  if missing ~= '' then
    audit.report('feature', 'j', id, 'the queue does not know that it has jobs such as this (' .. missing .. ')', 'the bits are set', missing)
  end
end

function audit_jobs.check(id, envelope)
  local places = homes[id] or {}
  if places[1] == LATER then return end
  -- Its worker has what it was.
  if not string.find(envelope, ENVELOPE) and string.find(places[1] or '', '^h:') then return end
  if not string.find(envelope, ENVELOPE) then
    audit.report('unreadable', 'j', id, 'its envelope cannot be read', 'it is set aside unchanged, where those of a later format are')
    return
  end
  if string.byte(envelope) ~= 49 then return end
  local letter = audit_homes.letter(id)
  if letter and not record.STATES[letter] then return end
  if #places > 1 then
    audit.report('several-homes', 'j', id, 'it is in ' .. table.concat(places, ' and '), 'it stays where every command finds it, and leaves the others')
  elseif #places == 1 then check_home(id, places[1], letter, envelope)
  else check_homeless(id, envelope, letter) end
  check_given(id)
  if not letter then audit_indexes.holds(id, record.facts(envelope)) end
  check_bits(id, envelope, record.header(redis.call('HGET', k.headers, id)).flags)
end
