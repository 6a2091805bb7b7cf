-- Of the sorted sets in which jobs wait or lie: whether each member is a job, and belongs there.
-- @require record, side, lines, audit, audit-numbers, audit-homes, audit-records
-- @key headers m hash
-- @key jobs j hash
-- @key facts af hash
-- @key batch ab:<number> list
-- @key grouped gw zset
-- @key in_group g:<group> zset
-- @key line ^rw:<resource> zset
-- @key needs dl:<id> set
local audit_places = {}

local TURN = 4398046511104

local function stray(key, id) audit.report('stray', key, id, 'an entry of a job that is not there', 'it is taken out') end

local function misplaced(key, id, what, how)
  audit.report('misplaced', key, id, what, how or 'it waits for a worker, as its record has it')
end

local function priority_of(id)
  local stored = redis.call('HGET', k.headers, id)
  local own = record.header(stored).priority
  if own ~= '' then return tonumber(own) end
  return record.row(id, stored, record.facts(redis.call('HGET', k.jobs, id))).priority
end

local function stands_by(priority, score) return math.floor(score / TURN) == 1000 - priority end

local function ordered(key, id, score)
  local priority = priority_of(id)
  if not stands_by(priority, score) or (key == 'pp') ~= (priority > 0) then
    return misplaced(key, id, 'it stands where its priority of ' .. priority .. ' does not have it')
  end
  audit_numbers.turn(score)
  if audit_homes.group(id) then misplaced(key, id, 'it has a group, and is not with it') end
end

local function waits_for_resource(id)
  local own = lines.member(id)
  for _, use in ipairs(lines.uses(side.of(id).r or {})) do
    if redis.call('ZSCORE', k.line .. use.name, own) then return true end
  end
  return false
end

local function in_batch(id, number)
  local name = string.format('%.0f', number)
  return redis.call('HEXISTS', k.facts, name) == 1 and redis.call('LPOS', k.batch .. name, id)
end

-- Entries of the ready sets that are batches.
local function unit(key, id, score)
  local facts = redis.call('HGET', k.facts, string.match(id, '^\tb(%d+)$') or '')
  if not facts then return audit.report('stray', key, id, 'an entry of a batch that is not there', 'it is taken out') end
  if stands_by(tonumber(string.match(facts, '^%-?%d+')) or 0, score) then audit_numbers.turn(score) end
end

local function of_group(id, score)
  local group = audit_homes.group(id)
  if not group then return misplaced('gw', id, 'it is ready in a group, and has none') end
  if stands_by(priority_of(id), score) then audit_numbers.turn(score) end
  if not redis.call('ZSCORE', k.in_group .. group, id) then
    audit.report('missing', 'gw', id, 'its group "' .. group .. '" does not have it', 'it is with its group')
  end
end

local function of_resource(id, score)
  if stands_by(priority_of(id), score) then audit_numbers.resource_turn(score) end
  if not waits_for_resource(id) then misplaced('wr', id, 'it waits for a resource, and stands in no line') end
end

function audit_places.check(key, id, score)
  if string.byte(id) == 9 and (key == 'pp' or key == 'pn') then return unit(key, id, score) end
  if not audit_homes.exists(id) then return stray(key, id) end
  if key == 'pp' or key == 'pn' then ordered(key, id, score)
  elseif key == 'wr' then of_resource(id, score)
  elseif key == 'ag' then
    if not in_batch(id, score) then misplaced(key, id, 'it waits for a batch that does not have it') end
  elseif key == 'b' then
    if redis.call('EXISTS', k.needs .. id) == 0 then misplaced(key, id, 'it is blocked, and waits for nothing') end
  elseif key == 'gw' then of_group(id, score)
  elseif string.find(key, '^u:') then audit_numbers.need('aside', score)
  elseif string.find(key, '^[fy]:') then audit_records.ended(id, key, string.sub(key, 3)) end
end

-- A ready job of a group.
function audit_places.grouped(group, id)
  local key = 'g:' .. group
  if not audit_homes.exists(id) then return stray(key, id) end
  if audit_homes.group(id) ~= group then
    audit.report('stray', key, id, 'it is of another group', 'it is taken out')
  elseif not redis.call('ZSCORE', k.grouped, id) then
    audit.report('missing', key, id, 'it is ready in its group, and not among all that are', 'it is among them')
  end
end
