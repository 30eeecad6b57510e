-- Publishes to the node itself.
--
-- KEYS 1 service topic
-- ARGV 1 PUBLISH or SPUBLISH, 2 payload
-- Answer: nothing

redis.call(ARGV[1], KEYS[1], ARGV[2])
return false
