-- Some of what an ended node had said and nobody has taken back yet. When nothing is left the node is forgotten.
--
-- KEYS 1 reaping, 2 index of the node
-- ARGV 1 node, 2 most entries, 3 milliseconds to add to the time
-- Answer: entries, see presence-update.lua.

local reaping, index = unpack(KEYS)
local node, most, shift = unpack(ARGV)
local how = redis.call('HGET', reaping, node)
if not how then
    return {}
end
local entries = redis.call('SRANDMEMBER', index, most)
if #entries == 0 then
    redis.call('HDEL', reaping, node)
else
    local clock = redis.call('TIME')
    local now = clock[1] * 1000 + math.floor(clock[2] / 1000) + tonumber(shift)
    redis.call('HSET', reaping, node, string.sub(how, 1, 1) .. now)
end
return entries
