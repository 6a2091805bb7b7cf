-- What the passing of time asks for, in bounded steps: lost epochs, due jobs, batches, retention, ghosts. Any worker, any time.
-- @repeat natural
-- @oom allow
-- @require clock, refuse, features, leave, sweep, due, retention, lane, ghosts, unique, edges, settle, serving, lines, groups, events, aggregation, stats
-- @key meta q hash
-- @key names un set
-- @key leases L zset
-- @key ready r list
-- @key front rf list
-- @key above pp zset
-- @key below pn zset
-- @key ring gl zset
-- @arg budget int                 jobs touched at most, per kind of work: 1 to 1,000
-- @arg within int                 where a whole look was had less than so many ms ago and nothing is due, that will do; 0 = none will
-- @reply OK more:int due:int unclaimed:strings stalled:strings schedules:int ready:int       more 1 = call again at once; due = ms until the next
--   delayed job, -1 none; stalled = jobs that failed in this call because they stalled too often; schedules = how many are due;
--   ready 1 = jobs wait, though perhaps for a limit
-- @reply UPGRADE bits:string
-- @event s w f
local now = clock.now(now_arg)
refuse.unless_int('budget', budget, 1, 1000)
refuse.unless_int('within', within, 0, 60000)
local meta = redis.call('HMGET', k.meta, 'bits', 'drop', 'seen', 'stats')
local bits, drop = meta[1] or '', meta[2] or ''
if not features.are_known(bits) then return { 'UPGRADE', bits } end
local function answer(more, wait, stalled, schedules)
  local any = redis.call('EXISTS', k.ready, k.front, k.above, k.below, k.ring) > 0 and 1 or 0
  return { 'OK', more, wait, redis.call('SMEMBERS', k.names), stalled, schedules, any }
end
-- Fifty workers that have nothing to do need not all look for what has grown old. What other calls have left to this one is not old.
local since = now - (tonumber(meta[3]) or 0)
if since >= 0 and since < within and not string.find(bits, '[dow]') and #redis.call('ZRANGEBYSCORE', k.leases, '-inf', string.format('%.0f', now), 'LIMIT', 0, 1) == 0 then
  local wait, schedules = due.wait(now, bits), due.schedules(now, bits)
  if wait ~= 0 and schedules == 0 then return answer(0, wait, {}, 0) end
end
if string.find(bits, 'e', 1, true) and (tonumber(redis.call('HGET', k.meta, 'listening')) or 0) <= now then
  bits = features.disable(bits, 'e')
end
local reclaimed, more_lost = sweep.lost(now, tonumber(meta[3]) or now, budget, bits, drop)
redis.call('HSET', k.meta, 'seen', string.format('%.0f', now))
local more_due = due.promote(now, budget, bits)
local more_batches = aggregation.fire_due(now, budget, bits)
local more_old = retention.prune(now, budget)
local more_ghosts
more_ghosts, bits = ghosts.sweep(budget, bits)
if edges.is_noted() then settle.run(now, bits, drop) end
local more_edges = string.find(redis.call('HGET', k.meta, 'bits') or '', 'd', 1, true) and settle.resume(now, budget, bits, drop)
bits = redis.call('HGET', k.meta, 'bits') or ''
local more_lanes = lane.prune(now, math.min(budget, 100))
local more_keys = unique.prune(now, budget)
local more_days = stats.prune(now, meta[4])
local more_groups = string.find(bits, 'o', 1, true) and groups.tidy(now, budget)
if string.find(bits, 'w', 1, true) then serving.serve(lines.some(100)) end
if string.find(bits, 'a', 1, true) and retention.drop_waiters(now) == 0 then bits = features.disable(bits, 'a') end
events.flush(bits, now)
local more = (reclaimed >= budget or more_lost or more_due or more_old or more_ghosts or more_lanes or more_keys or more_batches
  or more_edges or more_days or more_groups) and 1 or 0
return answer(more, due.wait(now, bits), leave.stalled(), due.schedules(now, bits))
