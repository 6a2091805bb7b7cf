-- Of the lists whose entries are told by their places: ready jobs and completed ones. Entries only leave at the head, so a list is
-- read from its tail: what is in it all the while is met.
-- @require record, audit, audit-numbers, audit-homes, audit-counters
-- @key ready r list
-- @key front rf list
-- @key done fc list
-- @key meta q hash
-- @key jobs j hash
-- @key facts af hash
-- @key times ad zset
-- @key above pp zset
-- @key below pn zset
local audit_lists = {}

-- How far from either end an entry is looked for.
local REACH = 10000

function audit_lists.key(name)
  return name == 'r' and k.ready or name == 'rf' and k.front or k.done
end

-- What is the same as long as nothing has entered or left the list, and no entry became a ghost.
function audit_lists.stamp(name)
  local facts = redis.call('HMGET', k.meta, 'ghosts', 'gone', 'dropped')
  local function ends(key)
    return redis.call('LLEN', key) .. ';' .. (redis.call('LINDEX', key, 0) or '') .. ';' .. (redis.call('LINDEX', key, -1) or '')
  end
  if name == 'fc' then return ends(k.done) .. ';' .. (facts[2] or '') .. ';' .. (facts[3] or '') end
  return ends(k.ready) .. ';' .. ends(k.front) .. ';' .. (facts[1] or '')
end

local function check_ready(name, entry, job, places, is_twice)
  local letter = audit_homes.letter(job.id)
  if is_twice then audit.report('several-homes', name, entry, 'it stands there twice', 'it stands there once, at the back')
  elseif #places > 0 then
    audit.report('several-homes', name, entry, 'it is ready, and in ' .. table.concat(places, ' and '), 'the entry is void')
  elseif letter then audit.report('several-homes', name, entry, 'it is ready, and has ended as ' .. letter, 'the entry is void')
  else
    local envelope = redis.call('HGET', k.jobs, job.id)
    if not record.is_known(envelope, job.header) then return end
    local row = record.row(job.id, job.header, record.facts(envelope))
    if row.priority ~= 0 or audit_homes.group(job.id) then
      audit.report('misplaced', name, entry, 'it is ready among the jobs without priority and group', 'it is ready where its record has it')
    end
  end
end

local function check_done(entry, job, places, is_twice)
  if job.is_alive and is_twice then audit.report('several-homes', 'fc', entry, 'it stands there twice', 'it stands there once, at the back')
  elseif job.is_alive and #places > 0 then
    audit.report('several-homes', 'fc', entry, 'it is completed, and in ' .. table.concat(places, ' and '), 'it is put where its end has it')
  elseif job.is_open and #places == 0 and audit_homes.exists(job.id) then
    audit.report('missing', 'fc', entry, 'it is completed, without an outcome', 'it gets one without a result')
  end
end

-- Reports on entries of a list, and returns how many of them are void.
function audit_lists.check(name, entries)
  local jobs, dead, ids = {}, 0, {}
  if name == 'fc' then jobs, dead = audit_counters.done(entries) else jobs, dead = audit_counters.ready(entries) end
  for i = 1, #jobs do
    -- Void or not: a place that is given again would bring a void one to life.
    local _, place = record.read_entry(entries[i])
    audit_numbers.need('places', place)
    if (jobs[i].is_alive or jobs[i].is_open) and jobs[i].id ~= '' then ids[#ids + 1] = jobs[i].id end
  end
  local homes, seen = audit_homes.of(ids), {}
  for i = 1, #jobs do
    local places, is_twice = homes[jobs[i].id], seen[entries[i]]
    if places and name == 'fc' then check_done(entries[i], jobs[i], places, is_twice)
    elseif places and jobs[i].is_alive then check_ready(name, entries[i], jobs[i], places, is_twice) end
    seen[entries[i]] = true
  end
  return dead
end

-- The same of one entry, as often as it stands near the ends of its list.
function audit_lists.check_entry(name, entry)
  local at, entries = redis.call('LPOS', audit_lists.key(name), entry, 'COUNT', 2, 'MAXLEN', REACH), {}
  for i = 1, math.max(#at, 1) do entries[i] = entry end
  audit_lists.check(name, entries)
end

local function is_near(key, entry)
  return redis.call('LPOS', key, entry, 'MAXLEN', REACH) or redis.call('LPOS', key, entry, 'RANK', -1, 'MAXLEN', REACH)
end

-- Whether the entry is near an end of one of these lists.
function audit_lists.has(name, entry)
  if name == 'fc' then return is_near(k.done, entry) end
  return is_near(k.ready, entry) or is_near(k.front, entry)
end

-- Whether a batch that has fired stands among ready jobs nowhere but perhaps in a list.
local function is_unit_lost(number, proof)
  local unit = '\tb' .. number
  return redis.call('HGET', k.facts, number) == proof and not redis.call('ZSCORE', k.times, number)
    and not redis.call('ZSCORE', k.above, unit) and not redis.call('ZSCORE', k.below, unit)
end

-- Whether a job, or a batch, that was met in no list is in no collection at all; `proof` is what its finding said.
function audit_lists.is_lost(name, id, proof)
  local number = string.match(id, '^\tb(%d+)$')
  if number then return is_unit_lost(number, proof) and not audit_lists.has(name, id) end
  local envelope = redis.call('HGET', k.jobs, id)
  if not envelope or audit_homes.mark(id, envelope) ~= proof then return false end
  local letter = audit_homes.letter(id)
  if (name == 'fc') ~= (letter == 'c') or (name == 'r' and letter) or #audit_homes.of({ id })[id] > 0 then return false end
  return not audit_lists.has(name, record.entry(id, record.place(string.sub(proof, 15))))
end
