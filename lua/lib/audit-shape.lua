-- Which keys a queue can have, and of which type each is: as lua/records.md says. A key is named by its suffix; `^` stands before
-- one that all queues of the slot share.
-- @key whole . string
local audit_shape = {}

local FIXED = {
  q = 'hash', j = 'hash', m = 'hash', o = 'hash', e = 'hash', x = 'hash', r = 'list', rf = 'list', fc = 'list', pp = 'zset', pn = 'zset',
  d = 'zset', t = 'zset', b = 'zset', dq = 'list', ag = 'zset', af = 'hash', ao = 'hash', ad = 'zset', un = 'set', L = 'zset',
  ws = 'hash', wk = 'hash', i = 'set', fg = 'zset', fk = 'hash', sd = 'zset', sm = 'zset', mi = 'hash', tc = 'zset', tk = 'zset',
  uk = 'hash', uz = 'zset', ids = 'zset', aw = 'hash', sc = 'hash', sn = 'zset', sp = 'zset', si = 'zset', l = 'hash', lz = 'zset',
  rl = 'list', wr = 'zset', gw = 'zset', gl = 'zset', gd = 'zset', gz = 'zset', gc = 'hash', gn = 'zset', ev = 'stream',
  ['^rm'] = 'hash', ['^ru'] = 'hash', ['^rn'] = 'set',
}
local FAMILIES = {
  h = 'hash', s = 'hash', u = 'zset', f = 'zset', y = 'zset', dl = 'set', dd = 'set', df = 'set', dr = 'hash', dx = 'set', ab = 'list',
  fe = 'zset', st = 'hash', hs = 'list', tg = 'zset', sh = 'list', g = 'zset', gs = 'set', gr = 'list', ['^rw'] = 'zset',
}

-- Family, name within it, and type; nil for a key that no queue has. A family of many keys ends in a colon.
function audit_shape.of(suffix)
  if FIXED[suffix] then return suffix, '', FIXED[suffix] end
  local head, name = string.match(suffix, '^(%^?%a+):(.*)$')
  if head and FAMILIES[head] then return head .. ':', name, FAMILIES[head] end
end

-- The key itself.
function audit_shape.key(suffix)
  if string.byte(suffix) == 94 then return string.match(k.whole, '^.-}') .. ':' .. string.sub(suffix, 2) end
  return k.whole .. ':' .. suffix
end

-- Where what cannot stay there is kept, for people: under no prefix of a queue's keys.
function audit_shape.aside(suffix, number)
  local shared = string.byte(suffix) == 94
  local name = (shared and string.match(k.whole, '^.-}') or k.whole) .. '!' .. (shared and string.sub(suffix, 2) or suffix)
  return number == 1 and name or name .. '!' .. string.format('%.0f', number)
end
