-- Publishes a message that has no place in the log.
--
-- KEYS the topics, then, where asked for: idempotency key, retained message
-- ARGV 1 PUBLISH or SPUBLISH, 2 message id, 3 body, 4 shift of the time (ms), 5 number of topics,
--      6 life of the idempotency key (ms) or 0, 7 life as the retained message (ms) or 0
-- Answer: '0 id', or '1 ' and what the first message with this idempotency key was answered
--
-- What is written is written before anything is published: Redis may refuse it.

local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000) + ARGV[4]
local topics = tonumber(ARGV[5])
local at = topics
local payload = 'm' .. ARGV[2] .. ' ' .. string.format('%.0f', now) .. ' ' .. ARGV[3]

if ARGV[6] ~= '0' then
    at = at + 1
    local kept = redis.call('GET', KEYS[at])
    if kept then
        local expires, answer = string.match(kept, '^(%d+) (.*)$')
        if tonumber(expires) > now then
            return '1 ' .. answer
        end
    end
    redis.call('SET', KEYS[at], string.format('%.0f', now + ARGV[6]) .. ' ' .. ARGV[2], 'PX', ARGV[6])
end
if ARGV[7] ~= '0' then
    redis.call('SET', KEYS[at + 1], string.format('%.0f', now + ARGV[7]) .. ' ' .. payload, 'PX', ARGV[7])
end
for i = 1, topics do
    redis.call(ARGV[1], KEYS[i], payload)
end
return '0 ' .. ARGV[2]
