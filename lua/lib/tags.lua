-- Which jobs have a tag, and how many have each: the indexes of the line t of a job.
-- @key tagged tg:<tag> zset id -> when it got the tag
-- @key counts tc zset tag -> how many jobs have it
local tags = {}

-- Those of a tag that a job has already change nothing, so that the counts stay true.
function tags.add(id, names, now)
  for i = 1, #names do
    if redis.call('ZADD', k.tagged .. names[i], 'NX', string.format('%.0f', now), id) == 1 then
      redis.call('ZINCRBY', k.counts, 1, names[i])
    end
  end
end

function tags.drop(id, names)
  for i = 1, #names do
    if redis.call('ZREM', k.tagged .. names[i], id) == 1 and tonumber(redis.call('ZINCRBY', k.counts, -1, names[i])) < 1 then
      redis.call('ZREM', k.counts, names[i])
    end
  end
end
