-- Stands before the other scripts of sessions.
--
-- nodes is a hash: node -> the millisecond at which its lease ends, a blank, its address. The key of a session holds its node.

-- Milliseconds, by the clock of Redis.
local function millis(shift)
    local clock = redis.call('TIME')
    return clock[1] * 1000 + math.floor(clock[2] / 1000) + tonumber(shift)
end

-- The address of the node of a lease; nothing where it has ended.
local function living(lease, now)
    local till, address = string.match(lease or '', '^(%d+) (.*)$')
    if till and tonumber(till) > now then
        return address
    end
end

-- The address of the other node that has a session, or ''. At our own address is a former life of ours.
local function elsewhere(nodes, session, node, address, now)
    local owner = redis.call('GET', session)
    if not owner or owner == node then
        return ''
    end
    local other = living(redis.call('HGET', nodes, owner), now)
    if not other or other == address then
        return ''
    end
    return other
end
