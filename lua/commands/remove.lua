-- Forget jobs for good, whatever their state but active.
-- @repeat lane
-- @oom allow
-- @require clock, lane, locate, withdraw, finish
-- @arg lane_id string
-- @arg seq int
-- @rest ids id
-- @reply OK fates:string          a letter per id: R removed, A is active and stays, N no such job
-- @reply OLD
local now = clock.now(now_arg)
local again, answer = lane.answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if again then return { 'OK', answer } end
local fates = {}
for i = REST, #ARGV do
  local id = ARGV[i]
  local found = locate.find(id)
  if not found then fates[#fates + 1] = 'N'
  elseif found.state == 'active' then fates[#fates + 1] = 'A'
  else
    withdraw.from(id, found)
    finish.delete({ id }, { finish.notes_key(id) })
    fates[#fates + 1] = 'R'
  end
end
local text = table.concat(fates)
lane.store(lane_id, seq, now, text)
return { 'OK', text }
