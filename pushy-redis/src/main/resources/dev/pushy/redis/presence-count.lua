-- How many members and subscribers a channel has.
--
-- KEYS 1 counts, 2 room
-- ARGV 1 channel
-- Answer: the number of members; the subscribers of each node, see presence-update.lua.

return { redis.call('HLEN', KEYS[2]), redis.call('HGET', KEYS[1], ARGV[1]) or '' }
