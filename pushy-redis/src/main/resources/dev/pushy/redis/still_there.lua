-- Begins the scripts that read on from where cut.lua found the end.

-- Whether the log still has the entry at which it ended then.
local function still_there(cut)
    local epoch, last, tag = string.match(cut, '^(%d+) (%d+) (%d+)$')
    local log = redis.call('HMGET', KEYS[1], 'epoch', 'end', 'tag')
    if log[1] ~= epoch then
        return false
    end
    if log[2] == last then
        return log[3] == tag
    end
    if last == '0' then
        return true
    end
    return redis.call('XRANGE', KEYS[2], last .. '-' .. tag, last .. '-' .. tag)[1] ~= nil
end

