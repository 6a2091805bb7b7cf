-- Release what the server holds for an epoch and the worker does not know of: held ids that are not named and whose leasing
-- call is settled (its seq is not above the settled one of its slot: a reply in flight is never released).
-- @repeat natural
-- @oom allow
-- @require clock, leave, events
-- @key meta q hash
-- @key held h:<epoch> hash
-- @arg epoch string
-- @arg settled list               slot, seq, slot, seq …: the last call of each slot whose answer the worker has
-- @rest known id                  what the worker has
-- @reply OK released:int
-- @reply EPOCH_GONE
local now = clock.now(now_arg)
local key = k.held .. epoch
if redis.call('HEXISTS', key, '\topen') == 0 then return { 'EPOCH_GONE' } end
local facts = redis.call('HMGET', k.meta, 'bits', 'drop')
local upto, has = {}, {}
for i = 1, #settled, 2 do upto[settled[i]] = tonumber(settled[i + 1]) end
for i = REST, #ARGV do has[ARGV[i]] = true end
local held, lost = redis.call('HGETALL', key), {}
for i = 1, #held, 2 do
  local id = held[i]
  if string.byte(id) ~= 9 and not has[id] then
    local slot, seq, flags = string.match(held[i + 1], '^([^.]*)%.(%d+)%.(.*)$')
    if upto[slot] and tonumber(seq) <= upto[slot] and #lost < 1000 then
      lost[#lost + 1] = { id = id, flags = flags, how = 'g', duration = 0, body = '' }
    end
  end
end
leave.apply(epoch, lost, now, facts[1] or '', facts[2] or '')
events.flush(facts[1] or '', now)
return { 'OK', #lost }
