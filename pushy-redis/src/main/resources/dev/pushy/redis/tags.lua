-- The tags of some offsets.
--
-- KEYS 1 log, 2 index
-- ARGV 1 epoch, end and tag up to which a read goes, 2.. offsets
-- Answer: for each its tag or false; or nothing if the log is not the same any more

if not still_there(ARGV[1]) then
    return false
end
local tags = {}
for i = 2, #ARGV do
    local entry = redis.call('XRANGE', KEYS[2], ARGV[i], ARGV[i], 'COUNT', 1)
    tags[i - 1] = entry[1] and string.match(entry[1][1], '%d+$') or false
end
return tags
