-- Says of jobs that are in no sorted set and were met in no list whether they are lost: in no collection, as they were when that
-- was begun. Lists are looked through for 10,000 entries from either end.
-- @repeat read
-- @require refuse, features, audit-lists
-- @key meta q hash
-- @rest rows list, id, proof       as `verify` told of them: its key, member and proof
-- @reply OK lost:string           1 or 0 for each row
refuse.unless_rows(#ARGV - REST + 1, 3)
features.need_known(redis.call('HGET', k.meta, 'bits') or '')
local lost = ''
for i = REST, #ARGV, 3 do lost = lost .. (audit_lists.is_lost(ARGV[i], ARGV[i + 1], ARGV[i + 2]) and '1' or '0') end
return { 'OK', lost }
