-- A page of an index, from the newest entry down.
--
-- KEYS 1 log, 2 index, 3 the index to read: that one again, or that of a segment
-- ARGV 1 epoch, end and tag up to which a read goes, 2 the highest offset, 3 the lowest, 4 most entries
-- Answer: offset-tag and channel of each; or nothing if the log is not the same any more

if not still_there(ARGV[1]) then
    return false
end
local page = {}
for i, entry in ipairs(redis.call('XREVRANGE', KEYS[3], ARGV[2], ARGV[3], 'COUNT', ARGV[4])) do
    page[2 * i - 1] = entry[1]
    page[2 * i] = entry[2][2]
end
return page
