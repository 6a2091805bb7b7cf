-- What is done with jobs by id, in a lane: a letter says what became of each, and the letters are the answer.
-- @require refuse, features, lane, locate
local fates = {}

-- The answer to a call that has been done, or that a later one has overtaken; nil = do it.
function fates.again(lane_id, seq)
  local again, answer = lane.answer(lane_id, seq)
  if again == 'OLD' then return { 'OLD' } end
  if again then return { 'OK', answer } end
end

-- The letters for the ids that stand among values from `first` on: N for a job that is not there, else what act(id, found) returns;
-- `found` is what locate.find says.
function fates.of(values, first, bits, act)
  features.need_known(bits)
  refuse.unless_rows(#values - first + 1, 1)
  local ids, letters = {}, {}
  for i = first, #values do ids[#ids + 1] = values[i] end
  locate.prepare(ids)
  for i, id in ipairs(ids) do
    local found = locate.find(id)
    letters[i] = found and act(id, found) or 'N'
  end
  return table.concat(letters)
end
