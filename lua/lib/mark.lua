-- Letters in the header of a job that is there already. What is held of a running one has them too, so that its end knows.
-- @require record
-- @key headers m hash
-- @key held h:<epoch> hash
local mark = {}

-- `found` is what locate.find said of the job.
function mark.set(id, found, letter)
  local header = record.header(redis.call('HGET', k.headers, id))
  if not record.has(header.flags, letter) then
    header.flags = header.flags .. letter
    redis.call('HSET', k.headers, id, record.header_text(header))
  end
  if not found.held then return end
  local facts = string.match(found.held, '^[^.]*%.%d+%.%d*(.*)$')
  local missing = (record.has(facts, 'H') and '' or 'H') .. (record.has(facts, letter) and '' or letter)
  if missing ~= '' then redis.call('HSET', k.held .. found.epoch, id, found.held .. missing) end
end

-- In the held value it may stay: its end looks, and finds nothing.
function mark.clear(id, letter)
  local header = record.header(redis.call('HGET', k.headers, id))
  header.flags = string.gsub(header.flags, letter, '')
  redis.call('HSET', k.headers, id, record.header_text(header))
end
