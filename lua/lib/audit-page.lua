-- Looks at a page of a key, or again at one member of it: every rule that the key has.
-- @require audit, audit-shape, audit-jobs, audit-rules
local audit_page = {}

local SCANS = {
  hash = function(key, cursor, count) return redis.call('HSCAN', key, cursor, 'COUNT', count) end,
  zset = function(key, cursor, count) return redis.call('ZSCAN', key, cursor, 'COUNT', count) end,
}

-- Next cursor ('' at the end), and the members of a page with their values.
local function read(key, type_of_key, cursor, count)
  local members, values = {}, {}
  if type_of_key == 'hash' or type_of_key == 'zset' then
    local page = SCANS[type_of_key](key, cursor, count)
    for i = 1, #page[2], 2 do members[#members + 1], values[#values + 1] = page[2][i], page[2][i + 1] end
    return page[1] == '0' and '' or page[1], members, values
  elseif type_of_key == 'set' then
    local page = redis.call('SSCAN', key, cursor, 'COUNT', count)
    return page[1] == '0' and '' or page[1], page[2], values
  elseif type_of_key == 'list' then
    members = redis.call('LRANGE', key, cursor, cursor + count - 1)
    return #members == count and string.format('%.0f', cursor + count) or '', members, values
  end
  return '', members, values
end

-- Whether the key is one that a queue has, and of the right type; family, name and type of one that is.
local function check_type(suffix)
  local family, name, type_of_key = audit_shape.of(suffix)
  local is = redis.call('TYPE', audit_shape.key(suffix)).ok
  if is == 'none' and family ~= 'q' then return nil end
  if not family then
    audit.report('unknown-key', suffix, '', 'no queue has such a key', 'it is renamed, with a ! in place of the colon before it')
  elseif is ~= type_of_key and is ~= 'none' then
    audit.report('wrong-type', suffix, '', 'it is a ' .. is .. ', and should be a ' .. type_of_key, 'it is renamed, with a ! in place of the colon before it')
  else return family, name, type_of_key end
end

-- Lists whose entries are found by their places are looked at from their ends, by `audit-lists`.
local LISTS = { r = true, rf = true, fc = true }

-- Next cursor, how many members were looked at, and how many bytes they have. With a count of 0 only the type.
function audit_page.look(suffix, cursor, count)
  local family, name, type_of_key = check_type(suffix)
  if not family or count == 0 then return '', 0, 0 end
  if cursor == '' then
    audit_rules.key(family, name, suffix)
    cursor = '0'
  end
  local rule, bytes = audit_rules.member(family, name), 0
  if not rule or LISTS[suffix] then return '', 1, 0 end
  local next_cursor, members, values = read(audit_shape.key(suffix), type_of_key, cursor, count)
  if family == 'j' then audit_jobs.prepare(members) end
  for i = 1, #members do
    bytes = bytes + #members[i] + #(values[i] or '')
    rule(members[i], values[i])
  end
  return next_cursor, #members, bytes
end

-- Looks again at what was found: the key as a whole, or one member.
function audit_page.again(suffix, member)
  local family, name, type_of_key = check_type(suffix)
  if not family then return end
  if member == '' then return audit_rules.key(family, name, suffix) end
  local key, rule, value = audit_shape.key(suffix), audit_rules.member(family, name), nil
  audit_rules.key(family, name, suffix)
  if not rule then return end
  if type_of_key == 'hash' then value = redis.call('HGET', key, member)
  elseif type_of_key == 'zset' then value = redis.call('ZSCORE', key, member)
  elseif type_of_key == 'set' then value = redis.call('SISMEMBER', key, member) == 1
  elseif type_of_key == 'list' then value = redis.call('LPOS', key, member) end
  if not value then return end
  if family == 'j' then audit_jobs.prepare({ member }) end
  rule(member, value)
end
