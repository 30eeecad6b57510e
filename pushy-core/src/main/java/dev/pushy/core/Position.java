package dev.pushy.core;

/**
 * The place of one message in the order of its partition.
 *
 * @param partition number of the partition, from 0
 * @param epoch identity of the log, random, made when the log is created
 * @param offset 1, 2, 3 ... in the partition; 0 is the place before the first message
 * @param tag random number given by the publisher's node; it tells a log that went back and grew again
 */
public record Position(int partition, int epoch, long offset, int tag) {

    /** The position of a message that is in no log: its channel keeps no history. */
    public static final Position NONE = new Position(-1, 0, 0, 0);

    /** Whether this is a place in a log. */
    public boolean isLogged() {
        return partition >= 0;
    }

    /** Whether both are the same entry of the same log. */
    boolean samePlace(Position other) {
        return epoch == other.epoch && offset == other.offset && tag == other.tag;
    }

    /**
     * The message id of the message at this position, of a broker with so many partitions. With one partition it is the
     * text of the cursor at this position.
     */
    public String id(int partitions) {
        if (partitions == 1) {
            return PositionText.single(this);
        }
        return PositionText.messageId(this);
    }
}
