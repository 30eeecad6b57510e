-- Ends the lease of a node, which says good-bye or has begun a new life: what it said is to be taken back.
--
-- KEYS 1 leases, 2 ended, 3 reaping, 4 progress
-- ARGV 1 node, 2 'q' (the outbox is not told of it) or 'l', 3 milliseconds to add to the time
-- Answer: 1 where it had a lease, else 0. The caller takes back first.

local leases, ended, reaping, progress = unpack(KEYS)
local node, how = ARGV[1], ARGV[2]
if redis.call('ZREM', leases, node) == 0 then
    return 0
end
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000) + tonumber(ARGV[3])
redis.call('HDEL', progress, node)
redis.call('ZADD', ended, now, node)
redis.call('HSET', reaping, node, how .. now)
return 1
