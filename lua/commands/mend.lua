-- Mends what `verify` has found, each finding only if it is found again in this very moment.
-- @repeat lane
-- @oom allow
-- @require clock, refuse, features, lane, mending, events
-- @key meta q hash
-- @arg lane_id string
-- @arg seq int
-- @rest rows kind, key, member, proof      as `verify` told them
-- @reply OK fates:string          one letter a row: M mended, C there is nothing to mend any more, L left as it is
-- @reply OLD
-- @event w
local now = clock.now(now_arg)
local again, answer = lane.answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if not again then
  refuse.unless_rows(#ARGV - REST + 1, 4)
  features.need_known(redis.call('HGET', k.meta, 'bits') or '')
  answer = ''
  for i = REST, #ARGV, 4 do answer = answer .. mending.mend(ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], now) end
  lane.store(lane_id, seq, string.format('%.0f', now), answer)
  events.flush(redis.call('HGET', k.meta, 'bits') or '', now)
end
return { 'OK', answer }
