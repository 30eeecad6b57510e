-- Says where the log ends and, in the same step, sends a marker behind all that came before; reads go up to this end.
--
-- KEYS 1 log, 2 index, 3 marks, 4 service topic
-- ARGV 1 PUBLISH or SPUBLISH, 2 epoch of a log that begins, 3 shift of the time (ms), 4 age of the index (ms),
--      5 marker, or nothing, 6 offset to look up, or nothing, 7 time to look up (ms), or nothing
-- Answer: time (ms), epoch, end, tag of the end, first offset that the index proves, tag of the offset or false,
--      first offset of the second of the time or false, how many setbacks, offset and time (ms) of the newest
--
-- What is older than the index promises proves nothing: what is known of its channel may be gone. See publish.lua.

local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000) + ARGV[3]
local log = redis.call('HMGET', KEYS[1], 'epoch', 'end', 'tag', 'setbacks', 'setback', 'setback_time')
local epoch, last, tag = log[1], log[2], log[3]
if not epoch then
    epoch, last, tag = ARGV[2], '0', '0'
    redis.call('HSET', KEYS[1], 'epoch', epoch, 'end', last, 'tag', tag)
    redis.call('UNLINK', KEYS[2], KEYS[3])
end

local first = last + 1
local oldest = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)
if oldest[1] then
    first = tonumber(string.match(oldest[1][1], '^%d+'))
end
local horizon = string.format('(%.0f', math.floor((now - ARGV[4]) / 1000))
local young = redis.call('ZRANGEBYSCORE', KEYS[3], horizon, '+inf', 'LIMIT', 0, 1)
first = math.max(first, tonumber(young[1] or last + 1))

local tag_there = false
if ARGV[6] ~= '' and ARGV[6] + 1 >= first then
    local entry = redis.call('XRANGE', KEYS[2], ARGV[6], ARGV[6], 'COUNT', 1)
    tag_there = entry[1] and string.match(entry[1][1], '%d+$') or false
end
local since = false
if ARGV[7] ~= '' then
    local second = string.format('%.0f', math.floor(ARGV[7] / 1000))
    since = redis.call('ZREVRANGEBYSCORE', KEYS[3], second, '-inf', 'LIMIT', 0, 1)[1] or false
end
if ARGV[5] ~= '' then
    redis.call(ARGV[1], KEYS[4], table.concat({ 'K' .. ARGV[5], epoch, last, tag }, ' '))
end
return {
    string.format('%.0f', now),
    epoch,
    last,
    tag,
    string.format('%.0f', first),
    tag_there,
    since,
    log[4] or '0',
    log[5] or '0',
    log[6] or '0'
}
