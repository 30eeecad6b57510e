package dev.pushy.undertow.transport.sockjs;

import dev.pushy.core.EventLoop;
import dev.pushy.undertow.transport.FrameQueue;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a session writes, and to whom. Confined to the loop of the session.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>At most one receiver is attached, and one frame is on its way. The messages of a frame stay in the queue until it was
 *       written whole, so that another receiver can be given them again.
 *   <li>The open frame is written first, and once. The close frame comes behind all messages, and then again for whoever
 *       asks.
 *   <li>A receiver whose last frame is on its way, or that was told to give way, keeps its place until it has ended, and its
 *       successor waits for that: so it is known of each message whether it was written before another gets it.
 * </ul>
 */
final class Delivery {
    private static final byte[] STILL_OPEN = SockJsText.close(2010, "Another connection still open");
    /** The most bytes of messages in one frame of a stream, but for a message that is larger alone. */
    private static final int MAX_BATCH = 60 * 1024;

    private enum Frame {
        NONE,
        OPEN,
        MESSAGES,
        CLOSE,
        HEARTBEAT
    }

    private final SockJsSession session;
    private final EventLoop loop;
    private final FrameQueue queue;
    private final ByteBuffer scratch;
    private final boolean takeover;
    private @Nullable Receiver receiver;
    private @Nullable Receiver successor;
    private byte @Nullable [] closeFrame;
    private Frame onItsWay = Frame.NONE;
    private int messagesOnTheirWay;
    private boolean opened;
    private boolean beatDue;
    private boolean pumping;
    private boolean lagging;
    private boolean stuck;

    /**
     * Nothing to write yet, and nobody to write to.
     *
     * @param scratch of the loop
     * @param takeover whether a second receiver takes the place of the first
     */
    Delivery(SockJsSession session, FrameQueue queue, ByteBuffer scratch, boolean takeover) {
        this.session = session;
        this.loop = session.loop();
        this.queue = queue;
        this.scratch = scratch;
        this.takeover = takeover;
    }

    /** How many of the oldest messages are on their way. */
    int begun() {
        return messagesOnTheirWay;
    }

    /** A receiver asks for frames. */
    void attach(Receiver next) {
        Receiver present = receiver;
        if (present == null) {
            take(next);
        } else if (takeover) {
            if (successor != null) {
                successor.cancel();
            }
            successor = next;
            present.cancel();
        } else if (present.isLast() && successor == null) {
            successor = next;
        } else {
            next.send(next.envelope().wrap(STILL_OPEN, scratch), true);
        }
        if (next.isGone()) {
            gone(next);
        }
    }

    private void take(Receiver next) {
        receiver = next;
        stuck = false;
        session.clock().attached();
        pump();
    }

    /** Writes what waits, as far as there is somebody who takes it. */
    void flush() {
        pump();
        lagging |= queue.size() > 0;
    }

    /**
     * Says something if there is nothing else to say. A receiver that has not taken a frame since the last time is not there
     * any more.
     */
    void heartbeat() {
        if (receiver != null && !receiver.isReady()) {
            if (stuck) {
                receiver.cancel();
            }
            stuck = true;
        }
        beatDue = true;
        pump();
        beatDue = false;
    }

    /** Drops all messages; a frame that is on its way is finished. */
    void drop() {
        queue.clear();
        messagesOnTheirWay = 0;
    }

    /**
     * Ends the session behind the messages that wait.
     *
     * @param lingerMillis how long a receiver may take that does not take frames now
     */
    void close(byte[] frame, long lingerMillis) {
        closeFrame = frame;
        pump();
        Receiver slow = receiver;
        if (slow != null && !slow.isLast()) {
            loop.schedule(
                    () -> {
                        if (slow == receiver) {
                            slow.cancel();
                        }
                    },
                    lingerMillis);
        }
    }

    private void pump() {
        if (pumping) {
            return;
        }
        pumping = true;
        try {
            for (Receiver to = receiver; to != null && to.isReady(); to = receiver) {
                Frame next = next();
                if (next == Frame.NONE) {
                    return;
                }
                send(next, to);
            }
        } finally {
            pumping = false;
        }
    }

    private Frame next() {
        if (!opened) {
            return Frame.OPEN;
        }
        if (queue.size() > 0) {
            return Frame.MESSAGES;
        }
        if (closeFrame != null) {
            return Frame.CLOSE;
        }
        return beatDue ? Frame.HEARTBEAT : Frame.NONE;
    }

    private void send(Frame kind, Receiver to) {
        ByteBuffer frame;
        if (kind == Frame.MESSAGES) {
            messagesOnTheirWay = to.isPoll() ? queue.size() : batch();
            frame = to.envelope().wrap(queue, messagesOnTheirWay, scratch);
        } else {
            frame = to.envelope().wrap(words(kind), scratch);
        }
        onItsWay = kind;
        if (to.send(frame, kind == Frame.CLOSE)) {
            delivered(to);
        }
    }

    private byte[] words(Frame kind) {
        if (kind == Frame.CLOSE && closeFrame != null) {
            return closeFrame;
        }
        return kind == Frame.OPEN ? SockJsText.OPEN : SockJsText.HEARTBEAT;
    }

    private int batch() {
        int count = 1;
        int bytes = queue.frame(0).length;
        while (count < queue.size() && (bytes += queue.frame(count).length) <= MAX_BATCH) {
            count++;
        }
        return count;
    }

    private void delivered(Receiver to) {
        Frame frame = onItsWay;
        onItsWay = Frame.NONE;
        stuck = false;
        if (frame == Frame.OPEN) {
            opened = true;
        } else if (frame == Frame.MESSAGES) {
            queue.removeFirst(messagesOnTheirWay);
            messagesOnTheirWay = 0;
        } else if (frame == Frame.HEARTBEAT) {
            beatDue = false;
        }
        session.onWritten();
        if (to.isLast()) {
            detach();
        }
        if (frame == Frame.OPEN) {
            session.open();
        }
        if (lagging && queue.size() == 0) {
            lagging = false;
            session.onDrained();
        }
    }

    private void detach() {
        receiver = null;
        Receiver next = successor;
        successor = null;
        if (next != null) {
            take(next);
        } else {
            session.clock().alone();
        }
    }

    /** A frame that did not go at once has been written. */
    void written(Receiver by) {
        if (by == receiver) {
            delivered(by);
            pump();
        }
    }

    /** A receiver has ended before its last frame was written. */
    void gone(Receiver lost) {
        if (lost == successor) {
            successor = null;
        } else if (lost == receiver) {
            onItsWay = Frame.NONE;
            messagesOnTheirWay = 0;
            if (!takeover) {
                session.onInterrupted();
            }
            detach();
        }
    }
}
