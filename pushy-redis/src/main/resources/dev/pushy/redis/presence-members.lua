-- The members of a channel, and where a topic is given a marker behind all that was told of them.
--
-- KEYS 1 room
-- ARGV none; or 1 PUBLISH or SPUBLISH, 2 topic, 3 marker
-- Answer: subject and record of each, see presence-update.lua.

if ARGV[1] then
    redis.call(ARGV[1], ARGV[2], ARGV[3])
end
return redis.call('HGETALL', KEYS[1])
