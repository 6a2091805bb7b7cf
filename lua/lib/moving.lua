-- A job that is put anew: into another queue of its slot, or into its own. It is taken out with what was said of it, and put
-- in with a whole budget of attempts.
-- @require record, ready, withdraw, forget, unique, side, tags, events, due, wake, edges, carry, failure
-- @key jobs j hash
-- @key headers m hash
-- @key sides x hash
-- @key ids ids zset
-- @key waiters aw hash id -> expiry \t channels
-- @key blocked b zset
local moving = {}

-- What of a job goes with it. `how` = the instructions for the place to which it goes, as `add` takes them.
function moving.look(id, how)
  local envelope, header = redis.call('HGET', k.jobs, id), record.header(redis.call('HGET', k.headers, id))
  local facts = record.facts(envelope)
  local priority = how.p or (header.priority ~= '' and header.priority) or record.fact(facts, 'p') or '0'
  -- What it has in store has a priority too.
  local is_prioritised = failure.check(string.sub(envelope, 15)) or tonumber(priority) ~= 0
  return { id = id, how = how, envelope = envelope, facts = facts, flags = header.flags, priority = tonumber(priority), is_prioritised = is_prioritised,
    said = side.has_lines(header.flags) and side.of(id) or {}, waiting = redis.call('HGET', k.waiters, id) }
end

local function has_edges(parcel) return record.has(parcel.flags, 'D') or record.has(parcel.flags, 'P') end

-- Whether so much depends on it, or it on so much, that one call cannot take it to another queue.
function moving.is_too_much(parcel) return has_edges(parcel) and carry.is_too_much(parcel.id) end

-- What is in the way of the job in this queue: T another job has its id, D another has its unique key; nil if nothing is.
function moving.obstacle(parcel, is_own, now)
  if not is_own and redis.call('HEXISTS', k.jobs, parcel.id) == 1 then return 'T' end
  local key = unique.key(parcel.facts)
  local holder = key and unique.holder(key, now)
  if holder and (not is_own or holder ~= parcel.id) then return 'D' end
end

-- `found` is what locate.find said of a job that does not run; nil of one that has just been taken from its worker. `queue` is where
-- it goes, '' = nowhere else.
function moving.take(parcel, found, queue)
  local id = parcel.id
  if found then withdraw.from(id, found) end
  parcel.due = found and found.due
  parcel.is_over = found and found.outcome
  if has_edges(parcel) then
    -- What has failed it counts no more; a job that waits for others goes on waiting.
    if not parcel.due and record.has(parcel.flags, 'D') then parcel.is_free = true end
    if queue ~= '' then parcel.edges = carry.take(id, queue, parcel.said, record.has(parcel.flags, 'P')) end
  end
  unique.release(id, parcel.facts)
  parcel.remembered = redis.call('ZSCORE', k.ids, id)
  redis.call('ZREM', k.ids, id)
  redis.call('HDEL', k.waiters, id)
  forget.jobs({ id }, { (string.gsub(parcel.flags, '[DP]', '')) })
  redis.call('HDEL', k.sides, id)
end

-- Writes what belongs to the job wherever it waits, and returns its row.
local function store(parcel, now)
  local id, row = parcel.id, record.row(parcel.id, nil, '')
  local text, flags = side.kept(parcel.said)
  -- It was asked for: it expires no more.
  row.header.flags = flags .. (record.has(parcel.flags, 'P') and 'P' or '') .. (record.fact(parcel.facts, 'x') and 'X' or '')
  row.header.place = ready.new_place()
  row.priority = parcel.priority
  row.header.priority = row.priority ~= 0 and tostring(row.priority) or (record.fact(parcel.facts, 'p') and '0' or '')
  redis.call('HSET', k.jobs, id, parcel.envelope)
  redis.call('HSET', k.headers, id, record.header_text(row.header))
  if text ~= '' then redis.call('HSET', k.sides, id, text) end
  if parcel.said.t then tags.add(id, parcel.said.t, now) end
  local key = unique.key(parcel.facts)
  if key then unique.hold(key, id, '', now) end
  if parcel.remembered then redis.call('ZADD', k.ids, parcel.remembered, id) end
  if parcel.waiting then redis.call('HSET', k.waiters, id, parcel.waiting) end
  if parcel.edges then carry.put(id, parcel.edges) end
  if parcel.is_free then edges.note('U', id) end
  -- Those that it has failed may have to be told still that it is tried again, if it was before.
  local has_failed = parcel.is_over or (parcel.edges and #parcel.edges.failed > 0)
  if has_failed and record.has(parcel.flags, 'P') then edges.note('O', id) end
  return row
end

-- If the job has a priority or is waited for, `bits` say so already. settle.run is to follow.
function moving.put(parcel, now, bits)
  local how, row = parcel.how, store(parcel, now)
  local at = how.a and tonumber(how.a) or (how.d and now + how.d) or tonumber(parcel.due or 0)
  local name = record.name(parcel.envelope)
  if parcel.due then
    redis.call('ZADD', k.blocked, at > now and string.format('%.0f', at) or '0', parcel.id)
    events.push('k', parcel.id, name)
  elseif at > now then
    due.delay({ string.format('%.0f', at), parcel.id })
    events.push('d', parcel.id, name)
  else
    ready.put_back({ row }, bits)
    wake.some(1)
    events.push('w', parcel.id, name)
  end
end
