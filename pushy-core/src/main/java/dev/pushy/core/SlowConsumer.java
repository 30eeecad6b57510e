package dev.pushy.core;

/** What happens to a connection whose backlog is full. */
public enum SlowConsumer {
    /** It is closed; the client comes back with its cursor and misses nothing that is retained. */
    DISCONNECT,
    /** Its oldest unsent messages are given up, with a gap in their place. */
    SKIP_OLDEST,
    /** Of each channel only the newest unsent message is kept, with a gap in the place of the others. */
    CONFLATE
}
