-- A node has a session no more, or, where none is named, ends its lease.
--
-- KEYS 1 nodes, 2 the session or nothing
-- ARGV 1 node

if not KEYS[2] then
    redis.call('HDEL', KEYS[1], ARGV[1])
elseif redis.call('GET', KEYS[2]) == ARGV[1] then
    redis.call('DEL', KEYS[2])
end
return 1
