-- A page of the occupied channels.
--
-- KEYS 1 occupied, 2 counts
-- ARGV 1 from, 2 to, both as ZRANGEBYLEX has them, 3 most channels (1,000 at most)
-- Answer: channel and the subscribers of each node, see presence-update.lua.

local names = redis.call('ZRANGEBYLEX', KEYS[1], ARGV[1], ARGV[2], 'LIMIT', 0, ARGV[3])
if #names == 0 then
    return names
end
local counts = redis.call('HMGET', KEYS[2], unpack(names))
local answer = {}
for i, name in ipairs(names) do
    answer[#answer + 1] = name
    answer[#answer + 1] = counts[i] or ''
end
return answer
