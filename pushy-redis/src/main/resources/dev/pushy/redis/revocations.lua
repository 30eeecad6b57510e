-- The revocations that still mean something.
--
-- KEYS 1 revocations
-- ARGV 1 shift of the time (ms)
-- Answer: as they were published

local now = math.floor(redis.call('TIME')[1] + ARGV[1] / 1000)
return redis.call('ZRANGEBYSCORE', KEYS[1], string.format('(%.0f', now), '+inf')
