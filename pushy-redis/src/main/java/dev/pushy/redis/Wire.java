package dev.pushy.redis;

/**
 * What travels on the links. The first byte is the kind; a form that changes gets another letter, so that nodes of two
 * versions can run side by side: what a node does not know it leaves alone.
 */
final class Wire {
    /** A message that has a place in the log. */
    static final byte MESSAGE = 'M';
    /** A message that has none. */
    static final byte LIVE = 'm';
    /** The echo of a read. */
    static final byte MARKER = 'K';
    /** The proof that a link hears. */
    static final byte CANARY = 'C';
    /** What one node asks all nodes to do. */
    static final byte CONTROL = 'O';
    /** A token, or all tokens of a subject, are void. */
    static final byte REVOCATION = 'R';

    private Wire() {}

    /** Whether it is the presence store's: a join, a leave, or a marker of it. */
    static boolean isPresence(byte kind) {
        return kind == 'J' || kind == 'L' || kind == 'Q' || kind == 'T';
    }
}
