-- Send the finished jobs of a group of failures, or of a state, to the back of the queue again, as `retry` does: the oldest
-- first, so many a call. A job that one of them failed waits for that one again. Those that ended later than `until_ms` stay, so that a job which fails again is not met twice.
-- @repeat lane
-- @oom allow
-- @require clock, refuse, features, lane, bulk, revive
-- @key meta q hash
-- @arg lane_id string
-- @arg seq int
-- @arg what string                group or state
-- @arg value string               the group; failed, timed_out, broken or cancelled
-- @arg until_ms int               0 = now; what the first reply said in all further calls
-- @arg cursor string              '' = from the oldest on, else what the last reply said
-- @arg limit int                  0 only counts; 500 at most
-- @reply OK done:int passed:int cursor:string at:int left:int       passed = their unique keys have other jobs now;
--   cursor '' = that was all; at = `until_ms` of this call; left = how many there are still
-- @reply OLD
-- @event w k
local now = clock.now(now_arg)
local again, answer = lane.answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if not again then
  local bits = redis.call('HGET', k.meta, 'bits') or ''
  features.need_known(bits)
  bulk.check(what, value, limit)
  refuse.unless_int('until_ms', until_ms, 0, 9007199254740991)
  local most = until_ms == 0 and now or until_ms
  local function act(id, found) return revive.job(id, found, now) == 'R' end
  local next_cursor, done, passed = '', 0, 0
  if limit > 0 then next_cursor, done, passed = bulk.each(what, value, cursor, limit, most, act) end
  answer = table.concat({ done, passed, string.format('%.0f', most), bulk.count(what, value, most), next_cursor }, '\t')
  lane.store(lane_id, seq, string.format('%.0f', now), answer)
  revive.flush(now, bits, function(id) return bulk.has(what, value, id, most) end)
end
local done, passed, at, left, next_cursor = string.match(answer, '^(%d+)\t(%d+)\t(%d+)\t(%d+)\t(.*)$')
return { 'OK', done, passed, next_cursor, at, left }
