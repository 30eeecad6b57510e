-- Where a session is.
--
-- KEYS 1 nodes, 2 the session
-- ARGV 1 node, 2 its address, 3 milliseconds to add to the time
-- Answer: the address of the other node that has it, or ''.

return elsewhere(KEYS[1], KEYS[2], ARGV[1], ARGV[2], millis(ARGV[3]))
