-- Release what the server holds for an epoch and the worker does not know of: held ids that are not named and whose leasing
-- call is settled (its seq is not above the settled one of its slot: a reply in flight is never released).
-- @repeat natural
-- @oom allow
-- @require clock, refuse, leave, holds, events
-- @key meta q hash
-- @key held h:<epoch> hash
-- @arg epoch string
-- @arg settled list               slot, seq, slot, seq …: the last call of each slot whose answer the worker has
-- @rest known id                  what the worker has
-- @reply OK released:int          1,000 = there may be more
-- @reply EPOCH_GONE
-- @event w
local now = clock.now(now_arg)
local key = k.held .. epoch
local upto, has = {}, {}
for i = 1, #settled, 2 do
  local seq = tonumber(settled[i + 1])
  refuse.unless_int('A settled seq', seq, 0, 9007199254740991)
  upto[settled[i]] = seq
end
for i = REST, #ARGV do has[ARGV[i]] = true end
if redis.call('HEXISTS', key, '\topen') == 0 then return { 'EPOCH_GONE' } end
local meta = redis.call('HMGET', k.meta, 'bits', 'drop')
local held, lost = redis.call('HGETALL', key), {}
for i = 1, #held, 2 do
  local id = held[i]
  if string.byte(id) ~= 9 and not has[id] then
    local run = holds.entry(id, held[i + 1])
    if upto[run.slot] and run.seq <= upto[run.slot] and #lost < 1000 then
      run.how, run.duration, run.body, run.unstarted = 'g', 0, '', true
      lost[#lost + 1] = run
    end
  end
end
holds.sort(lost)
leave.apply(epoch, lost, now, meta[1] or '', meta[2] or '')
events.flush(meta[1] or '', now)
return { 'OK', #lost }
