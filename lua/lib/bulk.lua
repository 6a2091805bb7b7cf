-- Walks over finished jobs of one kind, oldest end first, in bounded steps: those of a group of failures, or of a state.
-- @require record, refuse, listing
-- @key members fe:<group> zset
-- @key finished f:<state> zset
-- @key own y:<state> zset
-- @key outcomes o hash
-- @key jobs j hash
local bulk = {}

-- Records are read to judge of them: a call stops at this many bytes.
local MAX_BYTES = 1048576
local STATES = { failed = true, timed_out = true, broken = true, cancelled = true }

-- `what` is group or state, `value` which. Refuses a state in which jobs do not lie in order of their ends.
function bulk.check(what, value, limit)
  refuse.unless_int('limit', limit, 0, 500)
  if what == 'group' then return refuse.unless_name('group', value) end
  if what ~= 'state' or not STATES[value] then
    refuse.call('Jobs are chosen by group, or by state failed, timed_out, broken or cancelled.')
  end
end

-- How many there are that ended by `most`; of those with an age of their own, all.
function bulk.count(what, value, most)
  local upto = string.format('%.0f', most)
  if what == 'group' then return redis.call('ZCOUNT', k.members .. value, '-inf', upto) end
  return redis.call('ZCOUNT', k.finished .. value, '-inf', upto) + redis.call('ZCARD', k.own .. value)
end

local function ended_by(outcome, most)
  return outcome and tonumber(string.match(outcome, '^%a(%d+)')) <= most
end

-- Whether a job is one of them.
function bulk.has(what, value, id, most)
  local outcome = redis.call('HGET', k.outcomes, id)
  if not ended_by(outcome, most) then return false end
  if what == 'group' then return redis.call('ZSCORE', k.members .. value, id) ~= false end
  return record.STATES[string.sub(outcome, 1, 1)] == value
end

-- Calls act(id, found), which returns whether it did anything, for up to `limit` of them from a cursor on: `found` is what
-- locate.find would say. Returns the next cursor ('' at the end), how many were acted upon, and how many were passed over.
function bulk.each(what, value, cursor, limit, most, act)
  local done, passed, bytes = 0, 0, 0
  local own = string.match(cursor, '^own:(.*)$')
  local key = what == 'group' and k.members .. value or (own and k.own or k.finished) .. value
  local prefix = own and 'own:' or ''
  local from = listing.rank_after(key, own or cursor, false)
  local page = redis.call('ZRANGE', key, from, from + limit - 1, 'WITHSCORES')
  for i = 1, #page, 2 do
    local id, outcome = page[i], redis.call('HGET', k.outcomes, page[i])
    if not own and tonumber(page[i + 1]) > most then page = {}; break end
    cursor = prefix .. page[i + 1] .. '/' .. id
    bytes = bytes + redis.call('HSTRLEN', k.jobs, id) + #outcome
    local found = ended_by(outcome, most) and { state = record.STATES[string.sub(outcome, 1, 1)], outcome = outcome }
    if found and act(id, found) then done = done + 1 else passed = passed + 1 end
    if bytes > MAX_BYTES then return cursor, done, passed end
  end
  if #page == 2 * limit then return cursor, done, passed end
  return what == 'state' and not own and 'own:' or '', done, passed
end
