-- What is retained of some channels, the newest first, up to the end of a read.
--
-- KEYS 1 log, 2 index, then for each channel: stream, last
-- ARGV 1 epoch, end and tag up to which the read goes, 2 offset behind which it begins, 3 offset behind which messages are
--      wanted; what is between is known to be too much, 4 most messages of a channel, 5 most messages in all
-- Answer: for each channel an offset at which something is lost, or false, and its messages as
--      offset-tag and record in turn; the channels that come too late in a full answer are left out. Or nothing if the log
--      is not the same any more
--
-- A record names the message before it on its channel, so that a hole shows. See publish.lua.

if not still_there(ARGV[1]) then
    return false
end
local epoch, last = string.match(ARGV[1], '^(%d+) (%d+)')
local lower, room = tonumber(ARGV[2]), tonumber(ARGV[5])
local answer = {}

local function previous(entry)
    return tonumber(string.match(entry[2][2], '^%d+ %d+ %d+ (%d+)') or 0)
end

for i = 3, #KEYS, 2 do
    if room <= 0 then
        break
    end
    local lost, messages = false, {}
    local known = redis.call('GET', KEYS[i + 1])
    local of_epoch, newest, size = string.match(known or '', '^(%d+) (%d+)%S* (%d+)')
    if of_epoch == epoch and tonumber(newest) > lower then
        redis.pcall('XTRIM', KEYS[i], 'MAXLEN', size)
        local found = redis.call('XREVRANGE', KEYS[i], last, string.format('%.0f', ARGV[3] + 1), 'COUNT', ARGV[4])
        for n, entry in ipairs(found) do
            messages[2 * n - 1] = entry[1]
            messages[2 * n] = entry[2][2]
        end
        room = room - #found - 1
        if #found > 0 then
            lost = previous(found[#found])
        elseif tonumber(newest) <= tonumber(last) then
            lost = tonumber(newest)
        else
            local later = redis.call('XRANGE', KEYS[i], string.format('%.0f', last + 1), '+', 'COUNT', 1)
            lost = later[1] and previous(later[1]) or tonumber(last)
        end
        lost = lost > lower and string.format('%.0f', lost)
    end
    answer[#answer + 1] = lost
    answer[#answer + 1] = messages
end
return answer
