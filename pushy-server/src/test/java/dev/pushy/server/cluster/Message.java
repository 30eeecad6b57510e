package dev.pushy.server.cluster;

import dev.pushy.core.Position;
import org.jspecify.annotations.Nullable;

/** A message that a publisher sends, perhaps several times with the same key, until it knows what became of it. */
final class Message {

    /** What became of it. */
    enum Fate {
        /** It is under way. */
        OPEN,
        /** It has its place. */
        ACCEPTED,
        /** It was never accepted, and the publisher has given it up. */
        REFUSED
    }

    final int number;
    final String channel;
    final int publisher;
    /** When it was sent for the first time, by {@link System#nanoTime}. */
    final long sentAt;

    private volatile Fate fate = Fate.OPEN;
    private volatile @Nullable Position position;
    private volatile boolean doubtful;
    private volatile boolean twice;

    Message(int number, String channel, int publisher) {
        this.number = number;
        this.channel = channel;
        this.publisher = publisher;
        this.sentAt = System.nanoTime();
    }

    Fate fate() {
        return fate;
    }

    /** Where it is, once it was accepted. */
    @Nullable
    Position position() {
        return position;
    }

    /** An attempt had no answer: whether it was accepted is unknown. */
    void doubt() {
        doubtful = true;
    }

    /** Whether an attempt had no answer. */
    boolean isDoubtful() {
        return doubtful;
    }

    /**
     * Somebody heard it from there. If that is not where it is now, it was accepted before, lost by Redis together with its
     * key, and accepted anew when it was sent again, be it by the server itself.
     */
    void sighted(Position at) {
        twice |= !at.equals(position);
    }

    /** Whether it may have stood in two places, one after the other. */
    boolean mayBeTwo() {
        return twice || doubtful;
    }

    void accepted(Position at) {
        position = at;
        fate = Fate.ACCEPTED;
    }

    void refused() {
        fate = Fate.REFUSED;
    }

    @Override
    public String toString() {
        Position at = position;
        return "#" + number + " on " + channel + " by " + publisher + " " + fate + (doubtful ? " after doubt" : "")
                + (at == null ? "" : " at " + Ledger.text(at));
    }
}
