-- A node keeps its lease, or takes one, and ends those that have run out.
--
-- KEYS 1 leases, 2 ended, 3 reaping, 4 progress, 5 teller
-- ARGV 1 node, 2 its last call that is known to have been made, 3 this call; 0: the node is new, 4 milliseconds of a lease,
--      5 its service topic, 6 milliseconds to add to the time
-- Answer: 'ok', 'ended', 'lost' or 'stale', as presence-update.lua says; 1 where it is the teller, else 0; and the ended
--      nodes that the caller is to take back: each is given to one caller at a time, and to the next one when nobody cared
--      for it for a while.
--
-- leases holds nodes by the end of their lease, ended those that were taken for dead or said good-bye, by when, for a day.
-- reaping is a hash: ended node -> 'q' (the outbox is not told) or 'l', and when somebody last cared for it.
-- progress is a hash: node -> its last call; '' -> the last place that was given; '@' -> when a node last called this.

local leases, ended, reaping, progress, teller = unpack(KEYS)
local node, known, call, lease = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000) + tonumber(ARGV[6])

local state = 'ok'
if call > 0 and not redis.call('ZSCORE', leases, node) then
    state = redis.call('ZSCORE', ended, node) and 'ended' or 'lost'
elseif call > 0 then
    local made = tonumber(redis.call('HGET', progress, node) or '0')
    if made < known then
        state = 'lost'
    elseif made >= call then
        state = 'stale'
    end
end
if state == 'ok' then
    redis.call('ZADD', leases, now + lease, node)
    redis.call('HSET', progress, node, call)
end

-- When nobody called for so long it was Redis that was away, or its clock was put forward: all get time to call.
local last = tonumber(redis.call('HGET', progress, '@') or '0')
redis.call('HSET', progress, '@', now)
if now - last > lease / 2 then
    local until_then = now + math.floor(lease * 2 / 3)
    for _, other in ipairs(redis.call('ZRANGEBYSCORE', leases, '-inf', until_then)) do
        redis.call('ZADD', leases, until_then, other)
    end
end
-- When the clock was put back no lease may last longer than it was given.
for _, other in ipairs(redis.call('ZRANGEBYSCORE', leases, '(' .. now + lease, '+inf')) do
    redis.call('ZADD', leases, now + lease, other)
end

for _, other in ipairs(redis.call('ZRANGEBYSCORE', leases, '-inf', now, 'LIMIT', 0, 16)) do
    redis.call('ZREM', leases, other)
    redis.call('HDEL', progress, other)
    redis.call('ZADD', ended, now, other)
    redis.call('HSET', reaping, other, 'l0')
end
redis.call('ZREMRANGEBYSCORE', ended, '-inf', now - 86400000)

local tells = string.match(redis.call('GET', teller) or '', '^(%S+) ')
if state == 'ok' and not (tells and redis.call('ZSCORE', leases, tells)) then
    redis.call('SET', teller, node .. ' ' .. ARGV[5])
    tells = node
end

local answer = { state, tells == node and 1 or 0 }
if redis.call('EXISTS', reaping) == 1 then
    local found = redis.call('HRANDFIELD', reaping, 16, 'WITHVALUES')
    for i = 1, #found, 2 do
        local cared = tonumber(string.sub(found[i + 1], 2))
        if now - cared > lease / 3 or cared > now then
            redis.call('HSET', reaping, found[i], string.sub(found[i + 1], 1, 1) .. now)
            answer[#answer + 1] = found[i]
        end
    end
end
return answer
