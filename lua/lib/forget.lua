-- Deletes all that is kept of jobs which leave the queue for good. They are in no collection any more.
-- @require record, side, tags, edges
-- @key jobs j hash
-- @key headers m hash
-- @key outcomes o hash
-- @key errors e hash id -> last error of a job not yet ended
-- @key notes s:<id> hash
-- @key sides x hash
-- @key entries hs:<id> list
local forget = {}

local function forget_sides(id)
  local said = side.of(id)
  if said.t then tags.drop(id, said.t) end
  redis.call('HDEL', k.sides, id)
end

-- What only some jobs have, as the letters of their headers say.
local function forget_extras(ids, flags)
  local keys = {}
  for i = 1, #ids do
    if flags[i] ~= '' then
      if record.has(flags[i], 'N') then keys[#keys + 1] = k.notes .. ids[i] end
      if record.has(flags[i], 'D') then edges.note('G', ids[i]) end
      if record.has(flags[i], 'P') then edges.note('R', ids[i]) end
      if record.has(flags[i], 'Y') then keys[#keys + 1] = k.entries .. ids[i] end
      if side.has_lines(flags[i]) then forget_sides(ids[i]) end
    end
  end
  if #keys > 0 then redis.call('DEL', unpack(keys)) end
end

-- `flags`: the letters of each job's header, '' without one.
function forget.jobs(ids, flags)
  if #ids == 0 then return end
  forget_extras(ids, flags)
  redis.call('HDEL', k.jobs, unpack(ids))
  redis.call('HDEL', k.headers, unpack(ids))
  redis.call('HDEL', k.outcomes, unpack(ids))
  redis.call('HDEL', k.errors, unpack(ids))
end

-- Finished jobs with their headers, false without one. A job without a header has noted nothing and failed never: of nearly
-- all there is an envelope and an outcome.
function forget.finished(ids, headers)
  local plain, others, flags = {}, {}, {}
  for i = 1, #ids do
    if headers[i] then
      others[#others + 1] = ids[i]
      flags[#others] = record.header(headers[i]).flags
    else plain[#plain + 1] = ids[i] end
  end
  if #plain > 0 then
    redis.call('HDEL', k.jobs, unpack(plain))
    redis.call('HDEL', k.outcomes, unpack(plain))
  end
  forget.jobs(others, flags)
end
