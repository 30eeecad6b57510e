-- The teller forgets the transitions that it told, and reads the oldest of the others.
--
-- KEYS 1 outbox, 2 teller
-- ARGV 1 node, 2 most transitions, 3.. ids that were told
-- Answer: how many are in the outbox, and id, kind, channel and subject of each that was read; -1 alone where another node
--      is the teller now.
--
-- The outbox is a stream, trimmed only where nobody reads it. It is read by one node at a time and not by a group, since
-- whoever sends webhooks lets a leave wait for the join that may follow, and so must hear all of a channel in order.

local outbox, teller = unpack(KEYS)
if string.match(redis.call('GET', teller) or '', '^(%S+) ') ~= ARGV[1] then
    return { -1 }
end
if ARGV[3] then
    redis.call('XDEL', outbox, unpack(ARGV, 3))
end
local answer = { redis.call('XLEN', outbox) }
for _, entry in ipairs(redis.call('XRANGE', outbox, '-', '+', 'COUNT', ARGV[2])) do
    local field = {}
    for i = 1, #entry[2], 2 do
        field[entry[2][i]] = entry[2][i + 1]
    end
    for _, value in ipairs({ entry[1], field.k, field.c, field.s }) do
        answer[#answer + 1] = value
    end
end
return answer
