-- What an estimate of the memory of the queue looks at: some epochs, and of a sample of jobs those that have noted something.
-- @repeat read
-- @require record
-- @key leases L zset
-- @key headers m hash
-- @reply OK epochs:strings noted:strings jobs:int sampled:int       jobs = how many have a header, sampled = of so many of them
local sample, noted = redis.call('HRANDFIELD', k.headers, 50, 'WITHVALUES'), {}
for i = 1, #sample, 2 do
  if record.has(record.header(sample[i + 1]).flags, 'N') then noted[#noted + 1] = sample[i] end
end
return { 'OK', redis.call('ZRANGE', k.leases, 0, 99), noted, redis.call('HLEN', k.headers), #sample / 2 }
