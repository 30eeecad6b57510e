-- Keeps a revocation until it has no meaning any more, and tells all nodes.
--
-- KEYS 1 revocations, 2 topic of all nodes
-- ARGV 1 PUBLISH or SPUBLISH, 2 revocation, 3 until (s), 4 shift of the time (ms)
-- Answer: nothing

local now = math.floor(redis.call('TIME')[1] + ARGV[4] / 1000)
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
redis.call(ARGV[1], KEYS[2], ARGV[2])
return false
