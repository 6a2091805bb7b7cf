-- Of dependencies: whether both sides know of each, and whether who waits is told.
-- @require side, links, audit, audit-numbers, audit-homes
-- @key jobs j hash
-- @key needs dl:<id> set
-- @key dependents dd:<id> set
-- @key failed df:<id> set
-- @key pending dq list
-- @key detached dx:<n> set
local audit_edges = {}

-- Ends of which dependents have still to be told, looked at in one call.
local MOST = 1000

local function stray(key, member, what, how) audit.report('stray', key, member, what, how or 'it is taken out') end

-- Whether something is pending, by a test of its entry; where there is too much to say, it is taken for that.
local function any_pending(test)
  local pending = redis.call('LRANGE', k.pending, 0, MOST - 1)
  for _, entry in ipairs(pending) do
    if test(entry) then return true end
  end
  if #pending < MOST then return false end
  audit.report('unchecked', 'dq', '', 'dependencies: more than 1,000 ends are still to be told')
  return true
end

-- Whether the job is gone, or waits for nothing any more, and its own edges are still to be cut.
local function is_cut(id)
  return any_pending(function(entry) return string.match(entry, '^[UG]\t\t([^\n]*)\n') == id end)
end

-- Whether the job of that name is still to be told of an end in this queue.
local function is_told(name)
  return any_pending(function(entry)
    local number = string.match(entry, '^%a\t(%d+)\t')
    return number and redis.call('SISMEMBER', k.detached .. number, name) == 1
  end)
end

-- Whether a change to the dependents of this job is pending.
local function is_pending(id)
  return any_pending(function(entry) return string.match(entry, '^%a\t%d*\t([^\n]*)\n') == id end)
end

-- What the child waits for: the parent has to know it.
function audit_edges.need(child, ref)
  local key = 'dl:' .. child
  if not audit_homes.exists(child) then return end
  local is_known, is_gone
  links.at(ref, child, function(parent, name)
    -- Its end is told of by its own queue.
    is_known = redis.call('SISMEMBER', k.dependents .. parent, name) + redis.call('SISMEMBER', k.failed .. parent, name) > 0
      or is_told(name)
    is_gone = redis.call('HEXISTS', k.jobs, parent) == 0
  end)
  if is_known then return end
  local policy = string.sub((side.of(child).d or { 'f' })[1], 1, 1)
  if (is_gone and (audit_homes.letter(child) or policy == 'b')) or is_cut(child) then return end
  audit.report('missing', key, ref, 'it waits for a job that does not know of it', 'the job knows it; or it goes on as that one has ended')
end

function audit_edges.needs(child)
  if not audit_homes.exists(child) and not is_cut(child) then
    audit.report('stray', 'dl:' .. child, '', 'what a job that is not there waits for', 'it is taken away')
  end
end

local function has_edge(child, parent)
  local is_there
  links.at(child, parent, function(id, name) is_there = redis.call('SISMEMBER', k.needs .. id, name) == 1 end)
  return is_there
end

-- The jobs that wait for a parent.
function audit_edges.dependents(parent)
  if is_pending(parent) then return end
  local letter = audit_homes.letter(parent)
  if not audit_homes.exists(parent) then
    audit.report('missing', 'dd:' .. parent, '', 'jobs wait for one that is not there', 'they are told that it was removed', 'R')
  elseif letter then
    audit.report('missing', 'dd:' .. parent, '', 'jobs wait for one that has ended', 'they are told', letter)
  end
end

function audit_edges.dependent(key, parent, child)
  if not has_edge(child, parent) then stray(key, child, 'it does not wait for this one') end
end

-- The jobs that a parent has failed, or leaves blocked.
function audit_edges.failed(parent)
  if is_pending(parent) then return end
  local letter = audit_homes.letter(parent)
  if audit_homes.exists(parent) and not letter then
    audit.report('missing', 'df:' .. parent, '', 'it is tried again, and jobs that it had failed do not know', 'they wait for it again', 'O')
  elseif letter == 'c' or not letter then
    audit.report('stray', 'df:' .. parent, '', 'jobs that were failed by one that completed, or is not there', 'it is taken away')
  end
end

function audit_edges.results(child)
  if not audit_homes.exists(child) then
    audit.report('stray', 'dr:' .. child, '', 'results for a job that is not there', 'they are taken away')
  end
end

function audit_edges.end_of(entry)
  audit_numbers.need('detached', string.match(entry, '^%a\t(%d+)\t'))
  if not string.find(entry, '^%a\t%d*\t[^\n]*\n') then
    audit.report('unreadable', 'dq', entry, 'an end of which dependents are to be told cannot be read', 'it is set aside; who waits is found by itself')
  end
end

function audit_edges.set(number)
  audit_numbers.need('detached', number)
  if not any_pending(function(entry) return string.match(entry, '^%a\t(%d+)\t') == number end) then
    audit.report('stray', 'dx:' .. number, '', 'jobs that are to be told of nothing', 'it is taken away; who waits is found by itself')
  end
end
