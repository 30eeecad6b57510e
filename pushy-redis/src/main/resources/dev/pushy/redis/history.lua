-- The retained messages of one channel, up to the end of a read.
--
-- KEYS 1 log, 2 index, 3 stream, 4 last
-- ARGV 1 epoch, end and tag up to which the read goes, 2 offset behind which it begins, 3 most messages,
--      4 1: the newest first, 5 time (ms)
-- Answer: 1 if a message behind the offset is lost, else 0; then offset-tag and record of each in turn, at most one more
--      than asked for. Or nothing if the log is not the same any more

if not still_there(ARGV[1]) then
    return false
end
local epoch, last = string.match(ARGV[1], '^(%d+) (%d+)')
local lower, most, now = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[5])
local backward = ARGV[4] == '1'
local known = redis.call('GET', KEYS[4])
local of_epoch, newest, size = string.match(known or '', '^(%d+) (%d+)%S* (%d+)')
if of_epoch ~= epoch or tonumber(newest) <= lower then
    return { '0' }
end
redis.pcall('XTRIM', KEYS[3], 'MAXLEN', size)

local answer, found, lost, oldest = { '0' }, 0, false, nil
local low, high = string.format('%.0f', lower + 1), last
while found <= most do
    local wanted = most + 1 - found
    local page = backward and redis.call('XREVRANGE', KEYS[3], high, low, 'COUNT', wanted)
        or redis.call('XRANGE', KEYS[3], low, high, 'COUNT', wanted)
    for _, entry in ipairs(page) do
        local expires = string.match(entry[2][2], '^%d+ %d+ (%d+)')
        if tonumber(expires) > now then
            found = found + 1
            answer[#answer + 1] = entry[1]
            answer[#answer + 1] = entry[2][2]
        else
            lost = true
        end
        if backward or not oldest then
            oldest = entry
        end
        if backward then
            high = '(' .. entry[1]
        else
            low = '(' .. entry[1]
        end
    end
    if #page < wanted then
        break
    end
end
local before = oldest and string.match(oldest[2][2], '^%d+ %d+ %d+ (%d+)')
    or (not oldest and tonumber(newest) <= tonumber(last) and newest)
if lost or tonumber(before or 0) > lower then
    answer[1] = '1'
end
return answer
