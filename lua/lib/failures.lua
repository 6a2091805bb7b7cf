-- Jobs that failed for good, by what went wrong: a group is `<job name>:<kind of error>`. Every job in store as failed,
-- timed_out or broken is in one group, and no other job is in any.
-- @key groups fg zset group -> how many jobs it has
-- @key members fe:<group> zset id -> end
-- @key group_of fk hash id -> group
local failures = {}

-- Where the worker does not say what kind of error it was.
local KINDS = { f = 'Error', t = 'timeout', b = 'broken' }

local entered = {}

local function gather(lists, key)
  local list = lists[key]
  if not list then list = {}; lists[key] = list; lists[#lists + 1] = key end
  return list
end

-- A job has ended that was counted by `stats`; `at` is the time as text. Nothing is done for one that completed or was cancelled.
function failures.enter(job, at)
  local usual = KINDS[job.letter]
  if not usual then return end
  local kind = job.kind and job.kind ~= '' and job.kind or usual
  local list = gather(entered, job.called .. ':' .. kind)
  list[#list + 1] = at
  list[#list + 1] = job.id
end

function failures.flush()
  for _, group in ipairs(entered) do
    local list, rows = entered[group], {}
    for i = 2, #list, 2 do rows[i - 1] = list[i]; rows[i] = group end
    redis.call('HSET', k.group_of, unpack(rows))
    redis.call('ZADD', k.members .. group, unpack(list))
    redis.call('ZINCRBY', k.groups, #list / 2, group)
  end
  entered = {}
end

-- Jobs leave the store, whatever for; those that are in no group are passed over.
function failures.left(ids)
  if #ids == 0 then return end
  local stored, lists = redis.call('HMGET', k.group_of, unpack(ids)), {}
  for i = 1, #ids do
    if stored[i] then
      local list = gather(lists, stored[i])
      list[#list + 1] = ids[i]
    end
  end
  if #lists == 0 then return end
  redis.call('HDEL', k.group_of, unpack(ids))
  for _, group in ipairs(lists) do
    redis.call('ZREM', k.members .. group, unpack(lists[group]))
    if tonumber(redis.call('ZINCRBY', k.groups, -#lists[group], group)) < 1 then redis.call('ZREM', k.groups, group) end
  end
end
