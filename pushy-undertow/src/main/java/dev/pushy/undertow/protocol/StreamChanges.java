package dev.pushy.undertow.protocol;

import dev.pushy.core.ControlMessage.ChangeStream;
import dev.pushy.core.EventLoop;
import java.util.ArrayDeque;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The changes of one stream that other requests asked for, put back into the order in which they were made: requests that
 * take different ways may overtake each other. Confined to the loop.
 *
 * <p>A change with a number waits for those before it, but not for ever: one that does not come is given up, and the client
 * is told. One change is made at a time. Only so many wait; what is beyond that is refused.
 */
final class StreamChanges {
    private static final int MAX_WAITING = 100;
    private static final long PATIENCE_MILLIS = 5_000;

    private final EventLoop loop;
    private final Stream stream;
    private final ArrayDeque<ChangeStream> ready = new ArrayDeque<>(2);
    private final TreeMap<Long, ChangeStream> early = new TreeMap<>();
    private EventLoop.@Nullable Timer patience;
    private long next = 1;
    private boolean busy;

    /** Who makes the changes. */
    interface Stream {
        /** Makes a change, then calls {@link StreamChanges#made}: at once, or when a token has been checked. */
        void make(ChangeStream change);

        /** A change was not made. */
        void refuse(Fault fault, String message);
    }

    StreamChanges(EventLoop loop, Stream stream) {
        this.loop = loop;
        this.stream = stream;
    }

    void offer(ChangeStream change) {
        boolean awaited = change.number() == next;
        if (!awaited && ready.size() + early.size() >= MAX_WAITING) {
            stream.refuse(
                    Fault.RATE_LIMITED, MAX_WAITING + " changes of this stream wait: ask less often, or all at once");
            return;
        }
        if (change.number() == 0) {
            ready.add(change);
        } else if (change.number() >= next) {
            early.put(change.number(), change);
            takeInOrder();
        }
        // A number that was there before is a repetition, whose change has been made.
        go();
    }

    private void takeInOrder() {
        while (!early.isEmpty() && early.firstKey() == next) {
            ready.add(early.pollFirstEntry().getValue());
            next++;
        }
        if (early.isEmpty()) {
            stop();
        } else if (patience == null) {
            patience = loop.schedule(this::giveUp, PATIENCE_MILLIS);
        }
    }

    private void giveUp() {
        patience = null;
        if (!early.isEmpty()) {
            long found = early.firstKey();
            stream.refuse(
                    Fault.TIMEOUT,
                    "change " + next + " of this stream did not come within " + PATIENCE_MILLIS + " ms, change " + found
                            + " is made without it: ask for it again with a new number");
            next = found;
            takeInOrder();
            go();
        }
    }

    private void go() {
        while (!busy && !ready.isEmpty()) {
            busy = true;
            stream.make(ready.remove());
        }
    }

    /** The change at hand has been made, or refused. */
    void made() {
        busy = false;
        go();
    }

    /** Nothing is made any more. */
    void stop() {
        if (patience != null) {
            patience.cancel();
            patience = null;
        }
    }
}
