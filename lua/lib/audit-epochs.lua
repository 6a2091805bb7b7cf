-- Of epochs: whether each has its lease, and whether what it holds and says of itself can be read.
-- @require record, audit, audit-numbers, audit-homes
-- @key leases L zset
-- @key held h:<epoch> hash
-- @key headers m hash
-- @key group_held gs:<group> set
local audit_epochs = {}

local OWN = {
  ['\topen'] = '^%d+,%d+,%d+$', ['\tpause'] = '^%d+$', ['\tgrace'] = '^1$', ['\tlate'] = '^%d+$', ['\tslots'] = '^%d+$',
  ['\tleased'] = '^%d+$', ['\ttable'] = '^%-+$', ['\ttaken'] = '^%d+\n',
}
local SLOT = '^%d+,[%d,STDE]*$'
-- A slot that begins with anything else is of a later release.
local HELD = '^%w+%.%d+%.%d%d%d%d%d%d%d%d%d%d%d%d%d'

-- Of an entry that names an epoch.
function audit_epochs.named(key, epoch)
  if redis.call('EXISTS', k.held .. epoch) == 0 then
    audit.report('stray', key, epoch, 'an entry of a worker that is not there', 'it is taken out')
  end
end

function audit_epochs.epoch(epoch)
  local key = k.held .. epoch
  if not redis.call('ZSCORE', k.leases, epoch) then
    audit.report('missing', 'h:' .. epoch, '', 'a worker without a lease: what it holds would be held for ever', 'it gets the lease that it asked for last, from now on')
  end
  local slots = 0
  for _, field in ipairs(redis.call('HKEYS', key)) do
    if string.byte(field) == 9 and not OWN[field] then slots = slots + 1 end
  end
  if slots ~= tonumber(redis.call('HGET', key, '\tslots') or 0) then
    audit.report('miscounted', 'h:' .. epoch, '\tslots', 'it has ' .. slots .. ' slots, and counts otherwise', 'they are counted anew')
  end
end

-- The letters of a header that a hold has to know.
local function check_facts(epoch, id, facts)
  local stored = redis.call('HGET', k.headers, id)
  local flags = record.header(stored).flags
  local missing = (stored and not record.has(facts, 'H')) and 'H' or ''
  for letter in string.gmatch(flags, '[NTPGRYD]') do
    if not record.has(facts, letter) then missing = missing .. letter end
  end
  if missing ~= '' or (record.has(facts, 'H') and not stored) then
    audit.report('header', 'h:' .. epoch, id, 'it is held as a job with another header than it has', 'the hold says what the header says')
  end
end

local function check_hold(epoch, id, value)
  local key = 'h:' .. epoch
  if not audit_homes.exists(id) then
    return audit.report('stray', key, id, 'a job that is not there is held', 'it is held no more')
  end
  if not string.find(value, HELD) then
    if not string.find(value, '^%w') then return end
    return audit.report('unreadable', key, id, 'it is held, and by what cannot be read', 'it is held no more, and waits for a worker')
  end
  local slot, seq, facts = string.match(value, '^(%w+)%.(%d+)%.%d*(.*)$')
  local last = tonumber(string.match(redis.call('HGET', k.held .. epoch, '\t' .. slot) or '0,', '^%d+'))
  if last and tonumber(seq) > last then
    audit.report('missing', key, id, 'it is held by a call that its slot does not know', 'the slot knows the call')
  end
  check_facts(epoch, id, facts)
  local group = record.has(facts, 'G') and audit_homes.group(id)
  if group and redis.call('SISMEMBER', k.group_held .. group, id) == 0 then
    audit.report('missing', key, id, 'it is held, and its group does not know it', 'the group knows it', 'group')
  end
end

function audit_epochs.check(epoch, field, value)
  if string.byte(field) ~= 9 then return check_hold(epoch, field, value) end
  if string.find(value, OWN[field] or SLOT) then
    if field == '\tpause' then audit_numbers.need('pause', value) end
    return
  end
  audit.report('unreadable', 'h:' .. epoch, field, 'what the worker says of itself cannot be read', 'it is taken away')
end
