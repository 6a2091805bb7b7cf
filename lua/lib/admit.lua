-- Jobs that have to be looked at before they are stored: an id that a user gave, a unique key. Read and judged for the whole
-- call before its first write, then stored.
-- @require record, features, locate, given, intake, side, rival, depend, edges, links, settle, events
-- @key meta q hash
local admit = {}

local rows, ids, needed = {}, {}, ''

-- Takes a row, `id \t how \n line \n line` and a body; refuses what cannot be stored.
function admit.read(head, body)
  local id, how, lines = intake.read(head, true)
  local said = lines ~= '' and side.read(lines) or nil
  if intake.check(body, how, said) then needed = needed .. 'p' end
  if said then needed = needed .. side.features(said) end
  local row = { id = id, how = how, body = body, fate = 'A', said = said }
  rows[#rows + 1] = row
  if how.c then
    given.check(id)
    ids[#ids + 1] = id
  end
  return row
end

-- Switches on what the rows need, before the first other write; returns the queue's bits.
function admit.enable(bits) return features.enable_all(bits, needed) end

-- The rows, each with its fate: A added; K R C L as of `given.fate`, D S E B as of `rival.meet`, M a dependency is not there, W one waits for it
-- or is it; and what is there.
function admit.judge(now)
  given.prepare(ids)
  rival.prepare(rows, now)
  local planned, living = {}, {}
  for _, row in ipairs(rows) do
    if planned[row.id] then row.fate, row.state = 'C', 'waiting'
    elseif row.how.c then
      row.fate, row.found = given.fate(row.id, row.how, now)
      row.state = row.found and row.found.state
      row.is_ended = rival.ends(row.id)
      if row.is_ended and row.fate == 'L' then row.fate = 'R' end
    end
    if row.fate == 'A' or row.fate == 'R' then rival.meet(row) end
    if admit.is_stored(row) then depend.meet(row, living) end
    if admit.is_stored(row) then rival.promise(row) end
    planned[row.id] = true
  end
  return rows
end

function admit.is_stored(row) return string.find('ARS', row.fate, 1, true) ~= nil end

-- Stores the rows whose fate allows it. `bits` are those that `enable` gave.
function admit.store(now, bits, has_ghosts)
  local stamp = record.FORMAT .. string.format('%.0f', now)
  for _, row in ipairs(rows) do
    if admit.is_stored(row) then
      -- An earlier row has ended what was there.
      if row.is_ended then row.found = locate.find(row.id) end
      local place = row.how.c and given.claim(row.id, row.how, row.found, has_ghosts, now, bits) or '0'
      rival.displace(row, now, bits)
      has_ghosts = has_ghosts or row.fate == 'S'
      intake.push(row.id, stamp .. row.body, row.how, place, now, row.said)
    end
  end
  given.settle()
  intake.flush(bits, now)
  for _, id in ipairs(given.heirs()) do
    links.mark(id)
    edges.note('O', id)
  end
  if edges.is_noted() then
    settle.run(now, bits, redis.call('HGET', k.meta, 'drop') or '')
    events.flush(bits, now)
  end
  local linked = {}
  for _, row in ipairs(rows) do
    if admit.is_stored(row) and row.said and row.said.d then linked[#linked + 1] = row end
  end
  if #linked > 0 then depend.link(linked, now, bits) end
end
