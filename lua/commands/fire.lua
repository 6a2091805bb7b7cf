-- Add the jobs of a schedule whose time has come, and set its next time: if nobody has done so before. The id of each job is
-- made of the schedule's and its time, so that none is added twice even then.
-- @repeat natural
-- @oom first-write
-- @require clock, refuse, features, schedules, admit, events
-- @key meta q hash
-- @key jobs j hash
-- @key outcomes o hash
-- @arg id string
-- @arg at int                     its next time, as the caller has read it
-- @arg hash string                of the definition by which the rest was worked out
-- @arg next_at int                when it fires next; 0 = it does not
-- @arg left int                   how many more jobs it may add at all; 0 = no bound
-- @arg alone int                  1 = none while the last job that it added has not ended
-- @rest rows at, how, body        the times that are met; how: as in `add-checked`, with ck,m<ms>, and lines behind it
-- @reply OK fired:int             how many jobs were added
-- @reply LOST                     it fires at another time, by another definition, or not at all
-- @reply UPGRADE bits:string
-- @event h l w x
local now = clock.now(now_arg)
local facts = redis.call('HMGET', k.meta, 'bits', 'ghosts', 'gone')
local bits = facts[1] or ''
if not features.are_known(bits) then return { 'UPGRADE', bits } end
refuse.unless_int('next_at', next_at, 0, 253402300799999)
refuse.unless_int('left', left, 0, 9007199254740991)
refuse.unless_int('alone', alone, 0, 1)
refuse.unless_rows(#ARGV - REST + 1, 3)
local found = schedules.find(id)
if not found or found.state ~= 'running' or found.at ~= at or found.hash ~= hash or at > now then return { 'LOST' } end

local is_live = alone == 1 and redis.call('HEXISTS', k.jobs, found.job) == 1 and redis.call('HEXISTS', k.outcomes, found.job) == 0
-- Each time with the row of its job; without one it is passed over.
local times, last = {}, at - 1
for i = REST, #ARGV, 3 do
  local time = tonumber(ARGV[i])
  refuse.unless_int('The time of a job', time, last + 1, now)
  if next_at > 0 and time >= next_at then refuse.call('The next time of a schedule lies behind one of its jobs.') end
  local row = not is_live and admit.read(id .. '@' .. ARGV[i] .. '\t' .. ARGV[i + 1], ARGV[i + 2])
  if row and row.how.c ~= 'k' then refuse.call('A job of a schedule is not kept where it is there already.') end
  times[#times + 1] = { at = ARGV[i], row = row, letter = 'o' }
  last, is_live = time, alone == 1
end
if #times == 0 or tonumber(times[1].at) ~= at then table.insert(times, 1, { at = string.format('%.0f', at), letter = 'm' }) end
admit.judge(now)

local fired, noted = 0, {}
for i, time in ipairs(times) do
  local row = time.row
  if row then time.letter = admit.is_stored(row) and 'f' or (row.fate == 'K' and 'k' or 'u') end
  if time.letter == 'f' then
    fired, found.last, found.job = fired + 1, time.at, row.id
    events.push('h', row.id, string.match(row.body, '^%a*\t([^\t]*)'))
  else events.push('l', id .. '@' .. time.at) end
  noted[i] = time.letter .. '\t' .. time.at .. '\t' .. string.format('%.0f', now)
end
if left > 0 and fired > left then refuse.call('A schedule adds more jobs than it may.') end

bits = admit.enable(bits)
found.count = found.count + fired
schedules.write(id, found)
schedules.move(id, fired == left and left > 0 and 0 or next_at, false)
schedules.note(id, noted)
admit.store(now, bits, (tonumber(facts[2]) or 0) > 0 or (tonumber(facts[3]) or 0) > 0)
return { 'OK', fired }
