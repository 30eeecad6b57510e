package dev.pushy.redis;

/** What the presence store hears of the links, in their order, one call at a time for each partition. Never blocks. */
interface PresenceLink {

    /** Something that a script of the store published; its first byte is the kind. */
    void onPayload(int partition, byte[] payload);

    /** The link of a partition is there. */
    void onLinkUp(int partition);

    /** The link of a partition broke. */
    void onLinkDown(int partition);

    /** The way of commands to a partition is there, again. Any thread. */
    void onLaneUp(int partition);
}
