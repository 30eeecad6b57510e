-- The retained message of a channel.
--
-- KEYS 1 retained message
-- ARGV 1 shift of the time (ms)
-- Answer: when it expires (ms) and what was published, with a space between; or nothing

local kept = redis.call('GET', KEYS[1])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000) + ARGV[1]
if kept and tonumber(string.match(kept, '^%d+')) > now then
    return kept
end
return false
