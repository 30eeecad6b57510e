package dev.pushy.undertow.transport.sockjs;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Messages of a client that wait until its session reads again, in the order in which their requests arrived. A request is
 * answered when its last message was read, so that a client which waits for answers sends no faster than it is heard.
 * Bounded in bytes and requests; confined to the loop of the session.
 */
final class Inbox {
    /** A browser has six connections to a host; one with more requests under way does not wait for answers. */
    private static final int MAX_REQUESTS = 64;

    private final ArrayDeque<Send> waiting = new ArrayDeque<>();
    private final int bound;
    private int bytes;

    /** The messages of one request, and who wants to know what became of them. */
    private record Send(Iterator<String> texts, int bytes, Answer answer) {}

    /** Answers a send request, once. */
    interface Answer {
        /** Its messages were read. */
        void accepted();

        /** Its messages were not read: the session has ended. */
        void refused();
    }

    Inbox(int bound) {
        this.bound = bound;
    }

    /** Takes the messages of a request; answers whether there was room. */
    boolean add(List<String> texts, int size, Answer answer) {
        if (waiting.size() >= MAX_REQUESTS || (bytes > 0 && bytes + size > bound)) {
            return false;
        }
        waiting.add(new Send(texts.iterator(), size, answer));
        bytes += size;
        return true;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** The oldest message, or null; answers the requests before it. */
    @Nullable
    String next() {
        for (Send send = waiting.peek(); send != null; send = waiting.peek()) {
            if (send.texts.hasNext()) {
                return send.texts.next();
            }
            waiting.remove();
            bytes -= send.bytes;
            send.answer.accepted();
        }
        return null;
    }

    /** Answers all requests: no more messages are read. */
    void end() {
        for (Send send = waiting.poll(); send != null; send = waiting.poll()) {
            if (send.texts.hasNext()) {
                send.answer.refused();
            } else {
                send.answer.accepted();
            }
        }
        bytes = 0;
    }
}
