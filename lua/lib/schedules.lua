-- Schedules: definitions by which workers add jobs at certain times. When each one fires next is what a worker has worked out,
-- for cron is nothing that Lua can read; the definition is opaque here.
-- @require refuse
-- @key definitions sc hash id -> record
-- @key firing sn zset id -> when it fires next; of those that do
-- @key paused sp zset id -> when it would; of those that are paused
-- @key index si zset id -> 0: all of them, for pages in the order of their ids
-- @key history sh:<id> list what became of its last times, latest first
local schedules = {}

local MAX_ID = 240
local HISTORY = 100
local RECORD = '^1(%d+),(%d+),(%d+)\t(%w+)\t([^\n]*)\n(.*)$'

function schedules.check_id(id)
  refuse.unless_name('id of a schedule', id)
  if #id <= MAX_ID and not string.find(id, '^%w%w%w%w%w%w%w%w%w~') then return end
  refuse.with('INVALID_OPTION', 'The id "' .. id .. '" of a schedule is too long, or begins as those of jobs do that are minted.')
end

-- { state, at, revision, count, last, hash, job, definition }; nil if there is none. `at` is 0 where it will not fire again.
function schedules.find(id)
  local text = redis.call('HGET', k.definitions, id)
  if not text then return nil end
  local revision, count, last, hash, job, definition = string.match(text, RECORD)
  local found = { text = text, revision = tonumber(revision), count = tonumber(count), last = last, hash = hash, job = job,
    definition = definition, state = 'over', at = 0 }
  local at = redis.call('ZSCORE', k.firing, id)
  if at then found.state = 'running'
  else
    at = redis.call('ZSCORE', k.paused, id)
    if at then found.state = 'paused' end
  end
  found.at = tonumber(at or 0)
  return found
end

-- Values of a row: id, state, next time, record.
function schedules.push(rows, id)
  local found = schedules.find(id)
  if not found then return end
  for _, value in ipairs({ id, found.state, string.format('%.0f', found.at), found.text }) do rows[#rows + 1] = value end
end

function schedules.write(id, s)
  local head = '1' .. string.format('%.0f,%.0f', s.revision, s.count) .. ',' .. s.last
  redis.call('HSET', k.definitions, id, head .. '\t' .. s.hash .. '\t' .. s.job .. '\n' .. s.definition)
  redis.call('ZADD', k.index, 0, id)
end

-- Where it is from now on: among those that fire, those that are paused, or, without a time, in neither.
function schedules.move(id, at, is_paused)
  local home, other = is_paused and k.paused or k.firing, is_paused and k.firing or k.paused
  redis.call('ZREM', other, id)
  if at == 0 then redis.call('ZREM', home, id) else redis.call('ZADD', home, string.format('%.0f', at), id) end
end

-- Notes what became of times: letter \t time \t now.
function schedules.note(id, lines)
  if #lines == 0 then return end
  redis.call('LPUSH', k.history .. id, unpack(lines))
  redis.call('LTRIM', k.history .. id, 0, HISTORY - 1)
end

function schedules.forget(id)
  redis.call('HDEL', k.definitions, id)
  redis.call('ZREM', k.firing, id)
  redis.call('ZREM', k.paused, id)
  redis.call('ZREM', k.index, id)
  redis.call('DEL', k.history .. id)
end

function schedules.are_none() return redis.call('EXISTS', k.definitions) == 0 end
