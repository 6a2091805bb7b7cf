-- Of what is kept of jobs beside their envelopes: whether it is of a job, can be read, and whether the letters of headers say
-- what there is.
-- @require record, side, audit, audit-numbers, audit-homes
-- @key headers m hash
-- @key outcomes o hash
-- @key entries hs:<id> list
-- @key tagged tg:<tag> zset
-- @key group_of fk hash
local audit_records = {}

local HEADER = '^%w%d+,%d+,%d+,%d+,%a*,%-?%d*'
local OUTCOME = '^%a%d%d%d%d%d%d%d%d%d%d%d%d%d,%d+,%d+\n'
local ENTRY = '^%a%d%d%d%d%d%d%d%d%d%d%d%d%d\t%d+\t%d+\t[^\t\n]*\t[^\t\n]*\n'
local LETTERS = { t = 'T', g = 'G', r = 'R', d = 'D' }

local function is_stray(key, id, what)
  if audit_homes.exists(id) then return false end
  audit.report('stray', key, id, what .. ' of a job that is not there', 'it is taken away')
  return true
end

local function flags_of(id) return record.header(redis.call('HGET', k.headers, id)).flags end

-- The letters that its lines ask for, of those that only lines do.
function audit_records.lines(id)
  local letters = ''
  for letter in pairs(side.of(id)) do letters = letters .. (LETTERS[letter] or '') end
  return letters
end

-- Whether it can be read, by this release or a later one; none can.
function audit_records.is_header(text) return not text or string.find(text, HEADER) ~= nil end

function audit_records.header(id, text)
  if is_stray('m', id, 'a header') then return end
  if not audit_records.is_header(text) then
    audit.report('unreadable', 'm', id, 'its header cannot be read', 'it gets a new one, with attempts counted from the beginning')
    return
  end
  audit_numbers.need('places', record.place(text))
  local flags, lines = record.header(text).flags, audit_records.lines(id)
  for letter in string.gmatch(flags, '[TGR]') do
    if not record.has(lines, letter) then
      audit.report('header', 'm', id, 'its header says ' .. letter .. ', and there is no such line', 'the header does not say it')
    end
  end
  if record.has(flags, 'Y') and redis.call('EXISTS', k.entries .. id) == 0 then
    audit.report('header', 'm', id, 'its header says that it has a history', 'the header does not say it')
  end
end

-- Something of a job of which its header has to say the letter.
function audit_records.need_letter(id, letter, what)
  if audit_homes.exists(id) and not record.has(flags_of(id), letter) then
    audit.report('header', 'm', id, 'it has ' .. what .. ', and its header does not say so', 'the header says it')
  end
end

function audit_records.error(id)
  if is_stray('e', id, 'the error') then return end
  if redis.call('HEXISTS', k.outcomes, id) == 1 then
    audit.report('stray', 'e', id, 'an error of a job that has ended', 'it is taken away: the outcome has the last one')
  end
end

function audit_records.outcome(id, text)
  if is_stray('o', id, 'an outcome') then return end
  if not string.find(text, OUTCOME) then
    audit.report('unreadable', 'o', id, 'its outcome cannot be read', 'it is set aside, and the job ends as its collection has it')
  elseif string.find(text, '^[ftb]') and redis.call('HEXISTS', k.group_of, id) == 0 then
    audit.report('missing', 'o', id, 'it is in no group of failures', 'it is put into that of its name and the usual kind')
  end
end

-- The lines of a text that are lines: a letter and values.
function audit_records.readable(text)
  local kept = {}
  for line in string.gmatch(text, '[^\n]+') do
    if string.find(line, '^%l\t[^\t]') then kept[#kept + 1] = line end
  end
  return table.concat(kept, '\n')
end

function audit_records.sides(id, text)
  if is_stray('x', id, 'lines') then return end
  if audit_records.readable(text) ~= text or text == '' then
    return audit.report('unreadable', 'x', id, 'a line cannot be read', 'it is set aside; the others stay')
  end
  local said, flags = side.parse(text), flags_of(id)
  for letter in pairs(said) do
    if LETTERS[letter] and not record.has(flags, LETTERS[letter]) then
      audit.report('header', 'm', id, 'it has a line ' .. letter .. ', and its header does not say so', 'the header says it')
    end
  end
  for _, tag in ipairs(said.t or {}) do
    if not redis.call('ZSCORE', k.tagged .. tag, id) then
      audit.report('missing', 'x', id, 'the tag "' .. tag .. '" does not have it', 'it is among the jobs of the tag')
    end
  end
end

-- A key of a single job: notes, history and the like.
function audit_records.job_key(key, id, letter, what)
  if not audit_homes.exists(id) then
    audit.report('stray', key, '', what .. ' of a job that is not there', 'it is taken away')
  else audit_records.need_letter(id, letter, what) end
end

function audit_records.entry(id, entry)
  if not string.find(entry, ENTRY) then
    audit.report('unreadable', 'hs:' .. id, entry, 'an entry of its history cannot be read', 'it is taken away')
  end
end

-- A job that is in the index of a final state.
function audit_records.ended(id, key, state)
  local letter = audit_homes.letter(id)
  if not letter then
    audit.report('missing', key, id, 'it is ' .. state .. ' without an outcome', 'it gets one without result or error text')
  end
end
