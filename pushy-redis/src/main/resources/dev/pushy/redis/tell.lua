-- Publishes to the topic of one node, or of all.
--
-- KEYS 1 topic
-- ARGV 1 PUBLISH or SPUBLISH, 2 payload
-- Answer: nothing

redis.call(ARGV[1], KEYS[1], ARGV[2])
return false
