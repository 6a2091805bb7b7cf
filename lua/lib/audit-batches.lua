-- Of batches: whether each has members, its time or its place among ready jobs, and its name.
-- @require audit, audit-numbers
-- @key gathered ag zset
-- @key batch ab:<number> list
-- @key facts af hash
-- @key open ao hash
-- @key times ad zset
-- @key above pp zset
-- @key below pn zset
local audit_batches = {}

local FACTS = '^%-?%d+,%d+,%d+\t%d+:.*$'

local function report(kind, key, member, what, how, proof) audit.report(kind, key, member, what, how, proof) end

function audit_batches.facts(number, text)
  if not string.find(text, FACTS) then
    return report('unreadable', 'af', number, 'what is known of a batch cannot be read', 'the batch is dissolved: its jobs wait for a worker')
  end
  if redis.call('EXISTS', k.batch .. number) == 0 then
    return report('stray', 'af', number, 'a batch without jobs', 'it is taken away', 'batch')
  end
  audit_numbers.need('batch', number)
  local identity = string.match(text, '\t(.*)$')
  if redis.call('ZSCORE', k.times, number) then
    if redis.call('HGET', k.open, identity) ~= number then
      report('missing', 'af', number, 'it is open, and not known by its name', 'it runs now', 'fire')
    end
  elseif redis.call('HGET', k.open, identity) == number then
    report('missing', 'af', number, 'it is open, and has no time at which it runs', 'it runs now', 'fire')
  elseif not redis.call('ZSCORE', k.above, '\tb' .. number) and not redis.call('ZSCORE', k.below, '\tb' .. number) then
    report('candidate', 'r', '\tb' .. number, '', '', text)
  end
end

-- Members: those whose entries in `ag` say otherwise.
function audit_batches.member(number, id)
  if redis.call('ZSCORE', k.gathered, id) ~= number then
    report('stray', 'ab:' .. number, id, 'it does not wait for this batch', 'it is taken out')
  elseif #redis.call('LPOS', k.batch .. number, id, 'COUNT', 2) > 1 then
    report('stray', 'ab:' .. number, id, 'it is in the batch twice', 'it is in it once')
  end
end

function audit_batches.list(number)
  if redis.call('HEXISTS', k.facts, number) == 0 then
    report('stray', 'ab:' .. number, '', 'the jobs of a batch that is not there', 'they wait for a worker', 'batch')
  end
end

function audit_batches.open(identity, number)
  local text = redis.call('HGET', k.facts, number)
  if not text or string.match(text, '\t(.*)$') ~= identity then
    report('stray', 'ao', identity, 'the name of a batch that is not there', 'it is taken away')
  end
end

function audit_batches.time(number)
  if redis.call('HEXISTS', k.facts, number) == 0 then
    report('stray', 'ad', number, 'the time of a batch that is not there', 'it is taken away')
  end
end
