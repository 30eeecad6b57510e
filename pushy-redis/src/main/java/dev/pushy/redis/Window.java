package dev.pushy.redis;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was sent on a connection and is not answered yet, at most {@value #SIZE} names: their answers count against the output
 * buffer that Redis grants a subscriber. Guarded by the lock of its {@link Link}.
 */
final class Window {
    private static final int SIZE = 8_192;

    private final ArrayDeque<Asked> asked = new ArrayDeque<>();
    private int names;

    /** A command, whose names are answered one by one in their order, or all by one error. */
    private static final class Asked {
        private final Line line;
        private final List<byte[]> names;
        private int answered;

        Asked(Line line, List<byte[]> names) {
            this.line = line;
            this.names = names;
        }

        byte[] next() {
            return names.get(answered);
        }

        int left() {
            return names.size() - answered;
        }
    }

    /** How many names may be sent. */
    int room() {
        return SIZE - names;
    }

    /** A command is being sent. */
    void ask(Line line, List<byte[]> sent) {
        asked.add(new Asked(line, sent));
        names += sent.size();
    }

    /**
     * A name was answered. Without effect if nobody asked: a server that loses a slot tells of itself.
     *
     * @return whether it is half empty now, and was not before
     */
    boolean answered(byte[] name) {
        Asked first = asked.peek();
        if (first == null || !Arrays.equals(first.next(), name)) {
            return false;
        }
        first.answered++;
        if (first.left() == 0) {
            asked.remove();
        }
        names--;
        return names == SIZE / 2;
    }

    /** A command was refused: the line that had sent it, or null if nothing was asked. */
    @Nullable
    Line refused() {
        Asked first = asked.poll();
        if (first == null) {
            return null;
        }
        names -= first.left();
        return first.line;
    }
}
