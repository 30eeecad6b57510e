package dev.pushy.undertow.protocol;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * How fast requests are read from a client: not while some wait for their turn, nor while too many have no answer yet.
 * Confined to the loop.
 */
public final class RequestPace {
    /** Where nothing else is asked for. */
    private static final int MAX_UNANSWERED = 64;
    /** What a transport may still bring after reading was stopped. */
    private static final int MAX_WAITING = 1_024;

    private final ClientSocket socket;
    private final int maxUnanswered;
    private @Nullable ArrayDeque<String> waiting;
    private int unanswered;
    private boolean suspended;

    /** The pace of a client that may have 64 requests without an answer. */
    public RequestPace(ClientSocket socket) {
        this(socket, MAX_UNANSWERED);
    }

    /**
     * The pace of a client.
     *
     * @param maxUnanswered so many requests may be without an answer before reading stops
     */
    public RequestPace(ClientSocket socket, int maxUnanswered) {
        this.socket = socket;
        this.maxUnanswered = maxUnanswered;
    }

    /** Keeps a text for later; answers whether there was room. */
    public boolean keep(String text) {
        if (waiting == null) {
            waiting = new ArrayDeque<>();
        }
        if (waiting.size() >= MAX_WAITING) {
            return false;
        }
        waiting.add(text);
        adjust();
        return true;
    }

    /** The oldest text that waits, or null. */
    public @Nullable String next() {
        String next = waiting == null ? null : waiting.poll();
        if (next == null) {
            waiting = null;
            adjust();
        }
        return next;
    }

    /** A request is under way. */
    public void asked() {
        unanswered++;
        adjust();
    }

    /** A request that was under way is through. */
    public void answered() {
        unanswered--;
        adjust();
    }

    private void adjust() {
        boolean busy = unanswered >= maxUnanswered || (waiting != null && !waiting.isEmpty());
        if (busy != suspended) {
            suspended = busy;
            if (busy) {
                socket.suspendReads();
            } else {
                socket.resumeReads();
            }
        }
    }
}
