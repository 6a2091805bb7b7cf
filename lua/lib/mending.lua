-- Mends one finding, if it is found again.
-- @require record, features, schedules, aside, audit, audit-shape, audit-numbers, audit-lists, audit-page, audit-groups, mend-homes, mend-records, mend-places, mend-indexes, mend-edges
-- @key meta q hash
-- @key outcomes o hash
local mending = {}

local function mend_list(key, entry, found, now)
  if found.kind == 'missing' then
    local id = record.read_entry(entry)
    mend_records.invent(id, 'c', now)
  else mend_homes.void(key, entry, now) end
end

local function mend_job(id, found, now)
  if found.kind == 'several-homes' then mend_homes.settle(id, now)
  elseif found.kind == 'header' then mend_records.header(id)
  elseif found.kind == 'unreadable' then
    mend_homes.take_out_of_all(id)
    mend_homes.new_place(id)
    if redis.call('HEXISTS', k.outcomes, id) == 1 then
      mend_records.keep('o', id)
      mend_records.strike('o', id)
    end
    aside.put(aside.LATER_FORMAT, id)
  else
    mend_homes.take_out_of_all(id)
    mend_homes.put(id, now)
  end
end

local function mend_record(key, id, found, now)
  if key == 'm' then mend_records.header(id)
  elseif key == 'o' and found.kind == 'unreadable' then mend_records.outcome(id, now)
  elseif key == 'o' then mend_records.group_failure(id)
  elseif found.kind == 'missing' then mend_records.tag(id, now)
  else mend_records.lines(id) end
end

local function lost(id, now)
  local number = string.match(id, '^\tb(%d+)$')
  if number then mend_edges.put_batch(number) else mend_homes.put(id, now) end
end

local function stray(key, name, member, found, now)
  if found.proof == 'batch' then mend_edges.dissolve(key == 'af' and member or name, now)
  else mend_records.strike(key, member) end
end

local function unreadable(key, member, now, proof)
  if key == 'dq' then return mend_edges.set_aside(member) end
  if key == 'q' and proof ~= '' then return mend_indexes.recount(key, '', member, proof) end
  mend_records.keep(key, member)
  if key == 'af' then mend_edges.dissolve(member, now)
  elseif key == 'sc' then schedules.forget(member)
  else mend_records.strike(key, member) end
end

local function missing(key, family, name, member, found, now)
  if family == 'f:' or family == 'y:' then mend_records.ended(key, member, now)
  elseif family == 'dl:' then mend_edges.need(name, member)
  elseif family == 'dd:' or family == 'df:' then mend_edges.tell(name, found.proof)
  elseif key == 'af' then mend_edges.fire(member)
  elseif not mend_places.add(family, name, key, member) then
    mend_indexes.add(family, name, member, found.proof, now)
  end
end

local function run(key, member, found, now)
  local family, name = audit_shape.of(key)
  local kind = found.kind
  if kind == 'homeless' then lost(member, now)
  elseif kind == 'stray' then stray(key, name, member, found, now)
  elseif kind == 'feature' then features.enable_all(redis.call('HGET', k.meta, 'bits') or '', found.proof)
  elseif key == 'r' or key == 'rf' or key == 'fc' then mend_list(key, member, found, now)
  elseif key == 'j' and kind ~= 'missing' then mend_job(member, found, now)
  elseif key == 'm' or key == 'o' or key == 'x' then mend_record(key, member, found, now)
  elseif family == 'h:' then mend_places.hold(name, member, found, now)
  elseif kind == 'misplaced' then mend_homes.rehome(key, member, now)
  elseif kind == 'miscounted' then mend_indexes.recount(family, name, member, found.proof)
  elseif kind == 'missing' then missing(key, family, name, member, found, now)
  elseif kind == 'unreadable' then unreadable(key, member, now, found.proof) end
end

-- What is still wrong of what was found, nil if nothing is.
local function again(kind, key, member, proof)
  if kind == 'homeless' and key ~= 'j' then
    return audit_lists.is_lost(key, member, proof) and { kind = kind, key = key, member = member } or nil
  elseif key == 'r' or key == 'rf' or key == 'fc' then audit_lists.check_entry(key, member)
  elseif key == '^ru' then audit_groups.uses()
  else audit_page.again(key, member) end
  for _, found in ipairs(audit.take()) do
    local is_same = found.kind == kind and found.key == key and found.member == member
    if is_same and (kind ~= 'missing' or found.proof == proof) then return found end
  end
end

-- M mended, C nothing to mend any more, L left as it is: its ways are not known here.
function mending.mend(kind, key, member, proof, now)
  if kind == 'miscounted' and (key == 'r' or key == 'fc') then
    if audit_lists.stamp(key) ~= proof then return 'C' end
    redis.call('HSET', k.meta, key == 'r' and 'ghosts' or 'gone', member)
    return 'M'
  end
  if audit_numbers.is_counter(key, member) then return mend_indexes.raise(member, proof) and 'M' or 'C' end
  if kind == 'header' and key == 'm' then return mend_records.header(member) and 'M' or 'C' end
  local found = again(kind, key, member, proof)
  if not found then return 'C' end
  if kind == 'unknown-key' or kind == 'wrong-type' then return 'L' end
  run(key, member, found, now)
  return 'M'
end
