-- Dependencies that a job gets, or loses, after it was added. It neither runs nor has ended.
-- @require record, links, depend, unblock, withdraw, ready, side, mark, events
-- @key jobs j hash
-- @key headers m hash
-- @key blocked b zset
-- @key needs dl:<id> set
-- @key failed df:<id> set
-- @key results dr:<id> hash
local relink = {}

local LETTERS = { waiting = 'w', delayed = 'd', retrying = 'r', aggregating = 'o', blocked = 'b' }

-- What of `refs` the job does not wait for now, each once.
local function fresh(id, refs)
  local new, seen = {}, {}
  for _, ref in ipairs(refs) do
    if not seen[ref] and redis.call('SISMEMBER', k.needs .. id, ref) == 0 then new[#new + 1] = ref end
    seen[ref] = true
  end
  return new
end

-- What the job waits for in vain, as it said that it stays blocked then, and what became of each. Under another policy that is
-- judged anew.
local function in_vain(id, said, letter)
  local dead = {}
  if letter == 'b' or not said or string.sub(said[1], 1, 1) ~= 'b' then return dead end
  for _, ref in ipairs(redis.call('SMEMBERS', k.needs .. id)) do
    links.at(ref, id, function(parent, name)
      local what = links.fate(parent) or 'R'
      if what == 'R' or (what ~= '' and what ~= 'c' and redis.call('SISMEMBER', k.failed .. parent, name) == 1) then
        dead[#dead + 1] = { ref = ref, what = what }
      end
    end)
  end
  table.sort(dead, function(one, other) return one.ref < other.ref end)
  return dead
end

-- What the job says of its dependencies with these as well, those that are new, and those that were in vain.
function relink.plan(id, said, policy, refs)
  local letter = string.match(policy, '^[^d]') or (said and string.sub(said[1], 1, 1)) or 'f'
  local values, has = { letter .. string.match(policy, 'd?$') }, {}
  for _, list in ipairs({ said and { unpack(said, 2) } or {}, refs }) do
    for _, ref in ipairs(list) do
      if not has[ref] then values[#values + 1] = ref end
      has[ref] = true
    end
  end
  return { values = values, new = fresh(id, refs), dead = in_vain(id, said, letter) }
end

-- In which state a job that waits for nothing any more will be.
local function free_state(found, now) return tonumber(found.due) > now and 'd' or 'w' end

-- In which state the job will be, by the letter of its event: where nothing keeps it, it stays as it was found.
function relink.state(id, plan, found, now)
  local policy = string.sub(plan.values[1], 1, 1)
  if plan.dead[1] and policy ~= 'r' then return policy == 'f' and 'f' or 'x' end
  local state = depend.state({ plan.values[1], unpack(plan.new) }, {})
  if state ~= '' then return state end
  if plan.dead[1] and redis.call('SCARD', k.needs .. id) == #plan.dead then return free_state(found, now) end
  return LETTERS[found.state]
end

-- It waits for others from now on; it keeps its time.
local function block(id, found)
  local envelope = redis.call('HGET', k.jobs, id)
  local row = record.row(id, redis.call('HGET', k.headers, id), record.facts(envelope))
  if withdraw.from(id, found) then row.header.place = ready.new_place() end
  redis.call('HSET', k.headers, id, record.header_text(row.header))
  redis.call('ZADD', k.blocked, (not found.batch and found.at) or '0', id)
  events.push('k', id, record.name(envelope))
end

-- settle.run is to follow.
function relink.add(id, found, plan, state, now)
  if found.state ~= 'blocked' and state ~= LETTERS[found.state] then block(id, found) end
  side.put(id, 'd', plan.values)
  mark.set(id, found, 'D')
  for _, ref in ipairs(plan.new) do redis.call('HDEL', k.results .. id, ref) end
  depend.on(id, plan.new, now)
  for _, one in ipairs(plan.dead) do unblock.edge(id, one.ref, one.what, '', now) end
end

-- In which state the job will be without these.
function relink.state_without(id, found, refs, now)
  if found.state ~= 'blocked' then return LETTERS[found.state] end
  local left = redis.call('SCARD', k.needs .. id) - #refs + #fresh(id, refs)
  return left > 0 and 'b' or free_state(found, now)
end

-- settle.run is to follow.
function relink.remove(id, said, refs, now)
  local gone, values = {}, {}
  for _, ref in ipairs(refs) do
    gone[ref] = true
    links.cut(id, ref)
    redis.call('HDEL', k.results .. id, ref)
  end
  for i, value in ipairs(said) do
    if i == 1 or not gone[value] then values[#values + 1] = value end
  end
  side.put(id, 'd', #values > 1 and values or {})
  if #values == 1 then mark.clear(id, 'D') end
  if links.is_free(id) then unblock.release(id, now) end
end
