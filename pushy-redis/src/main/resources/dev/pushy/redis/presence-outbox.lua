-- Transitions that are dealt with are forgotten, and the teller reads on.
--
-- KEYS 1 outbox, 2 teller
-- ARGV 1 node, 2 most transitions, 3 the last one that was read, or nothing: from the start, 4.. ids to forget
-- Answer: how many are in the outbox, and id, kind, channel and subject of each that was read; -1 alone where the node is not
--      the teller: whoever has dealt with a transition may say so also when another one tells by now.
--
-- The outbox is a stream. What is dealt with is deleted; the oldest are trimmed where nobody reads it, or nobody deals with
-- what was read. It is read by one node at a time and not by a group, since whoever sends webhooks lets a leave wait for the
-- join that may follow, and so must hear all of a channel in order.

local outbox, teller = unpack(KEYS)
local node, most, after = unpack(ARGV, 1, 3)
if ARGV[4] then
    redis.call('XDEL', outbox, unpack(ARGV, 4))
end
if string.match(redis.call('GET', teller) or '', '^(%S+) ') ~= node then
    return { -1 }
end
local answer = { redis.call('XLEN', outbox) }
if most == '0' then
    return answer
end
local from = after == '' and '-' or '(' .. after
for _, entry in ipairs(redis.call('XRANGE', outbox, from, '+', 'COUNT', most)) do
    local field = {}
    for i = 1, #entry[2], 2 do
        field[entry[2][i]] = entry[2][i + 1]
    end
    for _, value in ipairs({ entry[1], field.k, field.c, field.s }) do
        answer[#answer + 1] = value
    end
end
return answer
