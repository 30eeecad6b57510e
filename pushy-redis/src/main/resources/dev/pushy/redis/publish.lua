-- Gives a message its place in the log, and publishes it.
--
-- KEYS 1 log, 2 index, 3 marks, 4 stream of the channel, 5 last of the channel, then the topics, then, where asked for:
--      index of the first segment, idempotency key, retained message
-- ARGV 1 PUBLISH or SPUBLISH, 2 epoch of a log that begins, 3 tag, 4 body, 5 shift of the time (ms), 6 history size,
--      7 history age (ms), 8 life of the message (ms), 9 entries of the index, 10 age of the index (ms), 11 channel,
--      12 number of topics, 13 1: there is a segment, 14 life of the idempotency key (ms) or 0, 15 life as the retained
--      message (ms) or 0
-- Answer: '0 epoch offset tag setbacks', or '1 ' and what the first message with this idempotency key was answered
--
-- log     hash: epoch, end (the last offset), tag (of the last offset), second (of the last mark), setbacks (how often the
--         log is known to have gone back), setback and setback_time (offset of the newest, and when it was, ms)
-- index   stream offset-tag: c channel, empty for a setback; that of a segment likewise, for the channels that begin with it
-- marks   sorted set: the first offset of each second
-- stream  offset-tag: m epoch time expires previous body; previous is offset-tag or -
-- last    epoch offset-tag size
--
-- The first write is the XADD to the stream: what Redis refuses then (full, read-only) leaves nothing half done. What is
-- found of another log, whose epoch was forgotten, is removed.

local publish, tag, body = ARGV[1], ARGV[3], ARGV[4]
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000) + ARGV[5]
local last_topic = 5 + ARGV[12]
local at = last_topic
local segment, idempotency, retained
if ARGV[13] == '1' then
    at = at + 1
    segment = KEYS[at]
end
if ARGV[14] ~= '0' then
    at = at + 1
    idempotency = KEYS[at]
    local kept = redis.call('GET', idempotency)
    if kept then
        local expires, answer = string.match(kept, '^(%d+) (.*)$')
        if tonumber(expires) > now then
            return '1 ' .. answer
        end
    end
end
if ARGV[15] ~= '0' then
    retained = KEYS[at + 1]
end

local log = redis.call('HMGET', KEYS[1], 'epoch', 'end', 'second', 'setbacks')
local epoch, previous = log[1], '-'
if epoch then
    local last = redis.call('GET', KEYS[5])
    if last then
        local of_epoch, place = string.match(last, '^(%d+) (%S+)')
        if of_epoch == epoch then
            previous = place
        end
    end
else
    epoch = ARGV[2]
end
local offset = string.format('%.0f', (log[2] or 0) + 1)
local id = offset .. '-' .. tag
local record = table.concat({
    epoch,
    string.format('%.0f', now),
    string.format('%.0f', now + math.min(ARGV[7], ARGV[8])),
    previous,
    body
}, ' ')

local function append(key, most, field, value)
    local added = redis.pcall('XADD', key, 'MAXLEN', '~', most, id, field, value)
    if added.err and string.find(added.err, 'equal or smaller', 1, true) then
        redis.call('UNLINK', key)
        added = redis.pcall('XADD', key, 'MAXLEN', '~', most, id, field, value)
    end
    return added.err and added
end

local refused = append(KEYS[4], ARGV[6], 'm', record)
if refused then
    return refused
end
if not log[1] then
    redis.call('UNLINK', KEYS[2], KEYS[3])
end
refused = append(KEYS[2], ARGV[9], 'c', ARGV[11])
if refused then
    redis.call('XDEL', KEYS[4], id)
    return refused
end
if segment then
    refused = append(segment, ARGV[9], 'c', ARGV[11])
    if refused then
        redis.call('XDEL', KEYS[4], id)
        redis.call('XDEL', KEYS[2], id)
        return refused
    end
    redis.call('PEXPIRE', segment, ARGV[10])
end
redis.call('PEXPIRE', KEYS[4], ARGV[7])
redis.call('SET', KEYS[5], epoch .. ' ' .. id .. ' ' .. ARGV[6], 'PX', ARGV[10] + 2000)

-- The newest offset that is older than this, which may go with all before it.
local function older_than(age)
    local horizon = string.format('%.0f', math.floor((now - age) / 1000))
    return redis.call('ZREVRANGEBYSCORE', KEYS[3], horizon, '-inf', 'WITHSCORES', 'LIMIT', 0, 1)
end

local second = math.floor(now / 1000)
if second > tonumber(log[3] or 0) then
    second = string.format('%.0f', second)
    redis.call('HSET', KEYS[1], 'epoch', epoch, 'end', offset, 'tag', tag, 'second', second)
    redis.call('ZADD', KEYS[3], second, offset)
    local old = older_than(ARGV[10])
    if old[1] then
        redis.call('XTRIM', KEYS[2], 'MINID', '~', old[1])
        redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', '(' .. old[2])
    end
else
    redis.call('HSET', KEYS[1], 'epoch', epoch, 'end', offset, 'tag', tag)
end

-- By age one message in sixteen trims; until then readers see that a message is too old.
if tag % 16 == 0 then
    local old = older_than(ARGV[7])
    if old[1] then
        redis.call('XTRIM', KEYS[4], 'MINID', '~', old[1])
    end
    old = segment and older_than(ARGV[10])
    if old and old[1] then
        redis.call('XTRIM', segment, 'MINID', '~', old[1])
    end
end

local payload = 'M' .. offset .. ' ' .. tag .. ' ' .. record
for i = 6, last_topic do
    redis.call(publish, KEYS[i], payload)
end
local answer = table.concat({ epoch, offset, tag, log[4] or '0' }, ' ')
if idempotency then
    redis.call('SET', idempotency, string.format('%.0f', now + ARGV[14]) .. ' ' .. answer, 'PX', ARGV[14])
end
if retained then
    redis.call('SET', retained, string.format('%.0f', now + ARGV[15]) .. ' ' .. payload, 'PX', ARGV[15])
end
return '0 ' .. answer
