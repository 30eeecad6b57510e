package dev.pushy.undertow.transport.sockjs;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;

/**
 * Messages of a client on their way to its session, in the order in which their requests arrived. A request is answered when
 * its last message was read, so that a client which waits for answers sends no faster than it is heard. Bounded in bytes and
 * requests; confined to the loop of the session.
 */
final class Inbox {
    /** A browser has six connections to a host; one with more requests under way does not wait for answers. */
    private static final int MAX_REQUESTS = 64;

    private final ArrayDeque<Send> waiting = new ArrayDeque<>();
    private final int bound;
    private final Reader reader;
    private int bytes;
    private boolean paused;
    private boolean reading;

    /** Who reads the messages. */
    interface Reader {
        /** Whether it takes another one now. */
        boolean wantsMore();

        /** A message; must not throw. */
        void onMessage(String text);
    }

    /** Answers a send request, once. */
    interface Answer {
        /** Its messages were read. */
        void accepted();

        /** Its messages were not read: the session has ended. */
        void refused();
    }

    /** The messages of one request, and who wants to know what became of them. */
    private record Send(Iterator<String> texts, int bytes, Answer answer) {}

    /**
     * Nothing waits.
     *
     * @param bound the most bytes that may wait, but for a single request
     */
    Inbox(int bound, Reader reader) {
        this.bound = bound;
        this.reader = reader;
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

    /** Whether messages are being read. */
    boolean isReading() {
        return reading;
    }

    /** Whether none is read, although there may be some. */
    void pause(boolean on) {
        paused = on;
    }

    /** Hands over as many messages as are wanted. */
    void read() {
        if (reading) {
            return;
        }
        reading = true;
        try {
            while (!paused && reader.wantsMore() && hasNext()) {
                reader.onMessage(waiting.element().texts.next());
            }
        } finally {
            reading = false;
        }
    }

    /** Answers the requests whose last message was read; tells whether there is one with another. */
    private boolean hasNext() {
        for (Send send = waiting.peek(); send != null; send = waiting.peek()) {
            if (send.texts.hasNext()) {
                return true;
            }
            waiting.remove();
            bytes -= send.bytes;
            send.answer.accepted();
        }
        return false;
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
