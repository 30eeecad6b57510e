-- Takes sessions for a node, but for those that another node has, and renews the node's lease.
--
-- KEYS 1 nodes, then one for each session; without any the leases that have ended are removed
-- ARGV 1 node, 2 its address, 3 milliseconds of a lease, 4 milliseconds of a session, 5 milliseconds to add to the time
-- Answer: 1 where the node had a lease before, else 0; then for each session the address of the other node, or ''.

local nodes = KEYS[1]
local node, address = ARGV[1], ARGV[2]
local now = millis(ARGV[5])
local answer = { living(redis.call('HGET', nodes, node), now) and 1 or 0 }
redis.call('HSET', nodes, node, string.format('%.0f', now + ARGV[3]) .. ' ' .. address)
for i = 2, #KEYS do
    answer[i] = elsewhere(nodes, KEYS[i], node, address, now)
    if answer[i] == '' then
        redis.call('SET', KEYS[i], node, 'PX', ARGV[4])
    end
end
if #KEYS == 1 then
    local all = redis.call('HGETALL', nodes)
    for i = 1, #all, 2 do
        if not living(all[i + 1], now) then
            redis.call('HDEL', nodes, all[i])
        end
    end
end
return answer
