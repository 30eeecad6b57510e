package dev.pushy.core;

import dev.pushy.core.MessageLog.LogSlice;
import org.jspecify.annotations.Nullable;

/**
 * How often the log of a partition is known to have gone back, and what this node has to say of that: when a read shows
 * that the log does not hold what the node has heard, and nobody has said so before, the node vouches for what it heard, so
 * that those who heard less are told as well. Guarded by the sequencer's lock.
 */
final class Witness {
    /** What this node heard and the log does not hold, and how many setbacks it knew of then. */
    record Testimony(Position position, long setbacks) {}

    private long setbacks;
    /** Given in the recovery at hand; a second time would find nothing else. */
    private boolean given;

    private @Nullable Testimony refused;

    /** What to say before the slice can be used: whoever reads again behind it stands behind the setback. */
    @Nullable
    Testimony testimony(@Nullable Position heard, LogSlice found) {
        boolean wentBack = found.reason() == Gap.Reason.FORK || found.reason() == Gap.Reason.AHEAD;
        if (heard == null || !wentBack || found.setbacks() > setbacks || given) {
            return null;
        }
        given = true;
        return new Testimony(heard, setbacks);
    }

    /** A recovery begins that knows nothing of the one before. */
    void beginAnew() {
        given = false;
    }

    /** The node stands at the end of a slice. */
    void inSync(LogSlice found) {
        setbacks = found.setbacks();
        given = false;
        if (refused != null && refused.setbacks() < setbacks) {
            refused = null;
        }
    }

    /** The log could not take it, or did not answer; the node goes on, and says it again. */
    void refused(Testimony testimony) {
        refused = testimony;
    }

    /** What is to be said again, or null. */
    @Nullable
    Testimony refused() {
        return refused;
    }

    /** The log has taken it. */
    void taken(Testimony testimony) {
        if (testimony.equals(refused)) {
            refused = null;
        }
    }
}
