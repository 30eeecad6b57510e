package dev.pushy.undertow.protocol;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * How fast requests are read from a client: not while some wait for their turn, nor while too many have no answer yet.
 * Confined to the loop.
 */
final class RequestPace {
    /** So many requests may be without an answer before reading stops. */
    private static final int MAX_UNANSWERED = 64;
    /** What a transport may still bring after reading was stopped. */
    private static final int MAX_WAITING = 1_024;

    private final ClientSocket socket;
    private @Nullable ArrayDeque<String> waiting;
    private int unanswered;
    private boolean suspended;

    RequestPace(ClientSocket socket) {
        this.socket = socket;
    }

    /** Keeps a text for later; answers whether there was room. */
    boolean keep(String text) {
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
    @Nullable
    String next() {
        String next = waiting == null ? null : waiting.poll();
        if (next == null) {
            waiting = null;
            adjust();
        }
        return next;
    }

    /** A request is under way. */
    void asked() {
        unanswered++;
        adjust();
    }

    /** A request that was under way is through. */
    void answered() {
        unanswered--;
        adjust();
    }

    private void adjust() {
        boolean busy = unanswered >= MAX_UNANSWERED || (waiting != null && !waiting.isEmpty());
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
