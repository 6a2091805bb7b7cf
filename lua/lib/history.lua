-- What became of a job: an entry for each attempt that did not simply succeed at the first try, and for what was done to it
-- by hand. The last end of a job that has ended is its outcome, and is not written twice. At most 100 entries a job: the
-- first stays, then the newest. The header of a job that has a history has the letter Y.
-- entry = letter time \t attempt \t duration \t worker \t kind \n the beginning of the error
-- @require record
-- @key entries hs:<id> list
-- @key workers ws hash epoch -> what the worker says of itself
local history = {}

local MAX_ENTRIES = 100
local MAX_TEXT = 500

local noted = {}

local function append(id, entry)
  local key = k.entries .. id
  if redis.call('RPUSH', key, entry) <= MAX_ENTRIES then return end
  local first = redis.call('LPOP', key)
  redis.call('LPOP', key)
  redis.call('LPUSH', key, first)
end

-- The name that a worker gives itself; the epoch says nothing any more when the worker is gone.
local function worker_of(epoch)
  local info = redis.call('HGET', k.workers, epoch)
  return info and string.match(info, '"name":"([^"\\%c]+)"') or epoch
end

local function mark(header)
  if not record.has(header.flags, 'Y') then header.flags = header.flags .. 'Y' end
end

-- An attempt has ended, as `letter` says; its header, which has the letter Y from now on, is to be saved.
function history.note(e, row, letter, attempt, body)
  mark(row.header)
  noted[#noted + 1] = { e = e, letter = letter, attempt = attempt, body = letter == 'c' and '' or body }
end

-- Writes what was noted of attempts of one epoch.
function history.flush(epoch, now)
  if #noted == 0 then return end
  local worker, at = worker_of(epoch), string.format('%.0f', now)
  for _, note in ipairs(noted) do
    local head = table.concat({ note.letter .. at, note.attempt, note.e.duration, worker, note.e.kind or '' }, '\t')
    append(note.e.id, head .. '\n' .. string.sub(note.body, 1, MAX_TEXT))
  end
  noted = {}
end

-- Something was done to a job by hand: R retried, P promoted. Its header has the letter Y from now on, and is to be saved.
-- `outcome`: what a finished job loses by it.
function history.act(id, header, letter, outcome, now)
  if outcome then
    local last = redis.call('LINDEX', k.entries .. id, -1)
    if not last or string.sub(last, 1, 14) ~= string.sub(outcome, 1, 14) then
      local at, attempt, duration, body = string.match(outcome, '^(%a%d+),(%d+),(%d+)\n(.*)$')
      local text = string.byte(at) == 99 and '' or string.sub(body, 1, MAX_TEXT)
      append(id, table.concat({ at, attempt, duration, '', '' }, '\t') .. '\n' .. text)
    end
  end
  append(id, table.concat({ letter .. string.format('%.0f', now), header.failures + header.stalls, '0', '', '' }, '\t') .. '\n')
  mark(header)
end
