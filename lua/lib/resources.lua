-- What jobs use: amounts of named resources, of which there is a limit over all queues of the slot. A job that is held has
-- acquired what it uses; the letter R in its held value says so. Bit w.
-- @require record, side, lines
-- @key headers m hash
-- @key sides x hash
-- @key limits ^rm hash resource -> limit; \tdefault of all others
-- @key used ^ru hash resource -> how much of it is used
local resources = {}

-- Limit and use of each resource, as this call knows them. false = no limit.
local known = {}

local function facts_of(name)
  if known[name] then return known[name] end
  local limits = redis.call('HMGET', k.limits, name, '\tdefault')
  known[name] = { limit = tonumber(limits[1] or limits[2]) or false, used = tonumber(redis.call('HGET', k.used, name)) or 0 }
  return known[name]
end

function resources.facts(name) return facts_of(name) end

-- Whether so much of a resource is free.
function resources.fits(name, amount)
  local facts = facts_of(name)
  return not facts.limit or facts.used + amount <= facts.limit
end

-- For the rest of this call so much of it is somebody's.
function resources.promise(name, amount) facts_of(name).used = facts_of(name).used + amount end

-- What keeps a job from running: the first resource of which too little is free, or for which others wait before it.
local function obstacle(uses, score)
  for _, use in ipairs(uses) do
    if not resources.fits(use.name, use.amount) or lines.is_behind(use.name, score) then return use end
  end
end

-- Acquires all that a ready job uses, or lets it wait for the first that is wanting.
function resources.take(id, header, envelope_facts)
  local said, row = side.of(id), record.row(id, header, envelope_facts)
  -- What it uses was lost.
  if not said.r then return true end
  local uses = lines.uses(said.r)
  local wanting = obstacle(uses, lines.score(row.priority, said.r))
  if wanting then
    -- Who calls it does not read its envelope.
    if row.priority ~= 0 then redis.call('HSET', k.headers, id, record.header_text(row.header)) end
    lines.join(wanting.name, id, row.priority, said, wanting.amount, facts_of(wanting.name).limit)
    return false
  end
  for _, use in ipairs(uses) do
    resources.promise(use.name, use.amount)
    redis.call('HINCRBY', k.used, use.name, use.amount)
  end
  return true
end

-- Frees what jobs used that are held no more; the names of those resources.
function resources.release(entries)
  local ids, names, seen = {}, {}, {}
  for i = 1, #entries do
    if record.has(entries[i].facts, 'R') then ids[#ids + 1] = entries[i].id end
  end
  local texts = #ids > 0 and redis.call('HMGET', k.sides, unpack(ids)) or {}
  for i = 1, #ids do
    for _, use in ipairs(lines.uses(side.parse(texts[i] or '').r or {})) do
      local left = redis.call('HINCRBY', k.used, use.name, -use.amount)
      if left <= 0 then redis.call('HDEL', k.used, use.name) end
      known[use.name] = nil
      if not seen[use.name] then seen[use.name] = true; names[#names + 1] = use.name end
    end
  end
  return names
end
