-- Takes the word of a node for a position that stood in the log. If the log does not hold it any more it went back: then a
-- setback takes a place in the order, and all nodes are told. Once for each time: not if the log knows of more setbacks
-- than there had been at that position.
--
-- KEYS 1 log, 2 index, 3 marks, 4 topic of all nodes
-- ARGV 1 PUBLISH or SPUBLISH, 2 epoch, 3 offset and 4 tag of the position, 5 setbacks then, 6 tag of a setback,
--      7 entries of the index, 8 shift of the time (ms)
-- Answer: nothing
--
-- A setback stands in the index with no channel. See publish.lua.

local log = redis.call('HMGET', KEYS[1], 'epoch', 'end', 'tag', 'setbacks', 'second')
local last, setbacks = tonumber(log[2] or 0), tonumber(log[4] or 0)
local offset, known = tonumber(ARGV[3]), tonumber(ARGV[5])
if log[1] ~= ARGV[2] or setbacks > known then
    return false
end
if offset == last and log[3] == ARGV[4] then
    return false
end
if offset < last then
    local entry = redis.call('XRANGE', KEYS[2], ARGV[3], ARGV[3], 'COUNT', 1)
    if not entry[1] or string.match(entry[1][1], '%d+$') == ARGV[4] then
        return false
    end
end

local place = string.format('%.0f', last + 1)
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[7], place .. '-' .. ARGV[6], 'c', '')
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000) + ARGV[8]
local second = math.floor(now / 1000)
if second > tonumber(log[5] or 0) then
    second = string.format('%.0f', second)
    redis.call('HSET', KEYS[1], 'second', second)
    redis.call('ZADD', KEYS[3], second, place)
end
setbacks = string.format('%.0f', known + 1)
now = string.format('%.0f', now)
redis.call('HSET', KEYS[1], 'end', place, 'tag', ARGV[6], 'setbacks', setbacks, 'setback', place, 'setback_time', now)
redis.call(ARGV[1], KEYS[4], table.concat({ 'B' .. log[1], place, ARGV[6] }, ' '))
return false
