-- What a node says of its members and subscribers: a batch, each entry decided together with what is told of it.
--
-- KEYS 1 leases, 2 ended, 3 reaping, 4 progress, 5 index of the node, 6 outbox, 7 teller, 8 counts, 9 occupied, 10.. rooms
-- ARGV 1 node, 2 its last call that is known to have been made, 3 this call, or 0: another node takes back for an ended one,
--      4 PUBLISH or SPUBLISH, 5 most entries of the outbox, and then for each entry:
--      number of the room among the rooms, or 0: subscribers; quiet (1: the outbox is not told); channel; subject; meta;
--      count; most; number of topics; topics
-- Answer: 'ok', and for each entry 1, or 0 where there was no room or nothing to take back, or what is wrong with its key. Or one word, and then
--      nothing has changed: 'ended' (the node was taken for dead), 'lost' (Redis has forgotten the node, or something that
--      it said), 'stale' (a later call of the node came first).
--
-- A room is a hash: subject -> place in the order of coming, ',node=connections' of each node, ' ', meta.
-- counts is a hash: channel -> ',node=subscribers' of each node; occupied holds its fields in the order of their names.
-- The index of a node is a set of 'm', channel, line feed, subject; and of 's', channel.
-- teller is the node that reads the outbox, a space, and the topic on which it is told that something is there.
-- The first write may be refused, for want of memory say; then nothing is half done. An entry whose key has the wrong type
-- does not keep the others from being made; taking back drops it.

local leases, ended, reaping, progress, index, outbox, teller, counts, occupied = unpack(KEYS, 1, 9)
local node, known, call, publish, most_outbox = unpack(ARGV, 1, 5)
local all_quiet = false

if call == '0' then
    local how = redis.call('HGET', reaping, node)
    if not how then
        return { 'ended' }
    end
    all_quiet = string.sub(how, 1, 1) == 'q'
elseif not redis.call('ZSCORE', leases, node) then
    return { redis.call('ZSCORE', ended, node) and 'ended' or 'lost' }
else
    local made = tonumber(redis.call('HGET', progress, node) or '0')
    if made < tonumber(known) then
        return { 'lost' }
    elseif made >= tonumber(call) then
        return { 'stale' }
    end
    redis.call('HSET', progress, node, call)
end

local last -- the id of the last transition
local unchanged = call == '0' and 0 or 1
local node_pattern = ',' .. node .. '=(%d+)'

local function transition(kind, quiet, channel, subject)
    if quiet ~= '1' and not all_quiet then
        last = redis.call('XADD', outbox, 'MAXLEN', '~', most_outbox, '*', 'k', kind, 'c', channel, 's', subject)
    end
end

-- The nodes with another count of this one; what its count was before, or nil.
local function told(nodes, count)
    local from, to, before = string.find(nodes, node_pattern)
    if not from then
        return count == '0' and nodes or nodes .. ',' .. node .. '=' .. count, nil
    end
    local now = count == '0' and '' or ',' .. node .. '=' .. count
    return string.sub(nodes, 1, from - 1) .. now .. string.sub(nodes, to + 1), before
end

local function note(entry, count, before)
    if count == '0' then
        redis.call('SREM', index, entry)
    elseif not before then
        redis.call('SADD', index, entry)
    end
end

local function subscribers(quiet, channel, count)
    local nodes = redis.call('HGET', counts, channel) or ''
    local after, before = told(nodes, count)
    if after == nodes then
        return unchanged
    end
    if after == '' then
        redis.call('HDEL', counts, channel)
        redis.call('ZREM', occupied, channel)
        transition('VACATED', quiet, channel, '')
    else
        redis.call('HSET', counts, channel, after)
        if nodes == '' then
            redis.call('ZADD', occupied, 0, channel)
            transition('OCCUPIED', quiet, channel, '')
        end
    end
    note('s' .. channel, count, before)
    return 1
end

-- The place makes the payload unique: equal ones that follow each other are taken for copies.
local function event(kind, place, topics, channel, subject, meta)
    local payload = kind .. place .. ' ' .. #channel .. ' ' .. #subject .. ' ' .. channel .. subject .. meta
    for _, topic in ipairs(topics) do
        redis.call(publish, topic, payload)
    end
end

local function member(room, quiet, channel, subject, meta, count, most, topics)
    local record = redis.call('HGET', room, subject)
    local place, nodes = '', ''
    if record then
        place, nodes, meta = string.match(record, '^(%d+)(%S*) (.*)$')
    elseif count ~= '0' then
        if redis.call('HLEN', room) >= tonumber(most) then
            return 0
        end
        place = redis.call('HINCRBY', progress, '', 1)
    end
    local after, before = told(nodes, count)
    if after == nodes then
        return unchanged
    end
    if after == '' then
        redis.call('HDEL', room, subject)
        event('L', place, topics, channel, subject, meta)
        transition('LEFT', quiet, channel, subject)
    else
        redis.call('HSET', room, subject, place .. after .. ' ' .. meta)
        if not record then
            event('J', place, topics, channel, subject, meta)
            transition('JOINED', quiet, channel, subject)
        end
    end
    note('m' .. channel .. '\n' .. subject, count, before)
    return 1
end

local function entry(room, names, quiet, channel, subject, meta, count, most)
    if room == '0' then
        return subscribers(quiet, channel, count)
    end
    return member(KEYS[9 + tonumber(room)], quiet, channel, subject, meta, count, most, names)
end

local answer = { 'ok' }
local at = 6
while ARGV[at] do
    local room, quiet, channel, subject, meta, count, most, topics = unpack(ARGV, at, at + 7)
    at = at + 8 + tonumber(topics)
    local names = { unpack(ARGV, at - tonumber(topics), at - 1) }
    local done, result = pcall(entry, room, names, quiet, channel, subject, meta, count, most)
    if not done then
        result = type(result) == 'table' and result.err or tostring(result)
        if call == '0' then
            redis.call('SREM', index, room == '0' and 's' .. channel or 'm' .. channel .. '\n' .. subject)
        end
    end
    answer[#answer + 1] = result
end
local topic = last and string.match(redis.call('GET', teller) or '', ' (.*)$')
if topic then
    redis.call(publish, topic, 'T' .. last)
end
return answer
