package dev.pushy.undertow.transport;

import dev.pushy.core.Burst;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The one direct buffer from which a loop writes to its sockets. It remembers which frames lie in it, so that a batch
 * which goes to many connections is copied once: for each connection only what differs from the one before is copied.
 * Confined to the loop.
 */
final class Scratch {
    static final int CAPACITY = 256 * 1024;
    private static final int FIRST_FRAMES = 64;

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(CAPACITY);
    private byte[][] frames = new byte[FIRST_FRAMES][];
    private int[] ends = new int[FIRST_FRAMES];
    private int count;
    /** What lies in it, if not the frames. */
    private @Nullable Burst burst;

    /** Returns the buffer with a burst, which must fit. */
    ByteBuffer of(Burst whole) {
        if (burst != whole) {
            truncate(0);
            buffer.clear();
            int end = 0;
            for (int i = 0; i < whole.size(); i++) {
                buffer.put(end, whole.frame(i));
                end += whole.frame(i).length;
            }
            burst = whole;
        }
        return buffer.limit(whole.bytes()).position(0);
    }

    /** Returns the buffer with the bytes of one frame from {@code offset} on, as many as it holds. */
    ByteBuffer of(byte[] frame, int offset) {
        if (offset == 0 && count > 0 && frames[0] == frame) {
            return buffer.limit(ends[0]).position(0);
        }
        truncate(0);
        buffer.clear();
        if (offset == 0 && frame.length <= CAPACITY) {
            buffer.put(0, frame);
            remember(frame, frame.length);
            return buffer.limit(frame.length);
        }
        int length = Math.min(CAPACITY, frame.length - offset);
        buffer.put(0, frame, offset, length);
        return buffer.limit(length);
    }

    /** Returns the buffer with as many of the first frames of {@code backlog} as it holds whole, at least one. */
    ByteBuffer of(Backlog backlog) {
        int size = backlog.size();
        int same = 0;
        while (same < size && same < count && frames[same] == backlog.frame(same)) {
            same++;
        }
        int end = same == 0 ? 0 : ends[same - 1];
        if (same < size && fits(backlog.frame(same), end)) {
            truncate(same);
            do {
                byte[] frame = backlog.frame(same);
                buffer.clear().put(end, frame);
                end += frame.length;
                remember(frame, end);
                same++;
            } while (same < size && fits(backlog.frame(same), end));
        } else if (same == 0) {
            return of(backlog.frame(0), 0);
        }
        return buffer.limit(end).position(0);
    }

    private static boolean fits(byte[] frame, int end) {
        return frame.length <= CAPACITY - end;
    }

    private void remember(byte[] frame, int end) {
        if (count == frames.length) {
            frames = Arrays.copyOf(frames, count * 2);
            ends = Arrays.copyOf(ends, count * 2);
        }
        frames[count] = frame;
        ends[count++] = end;
    }

    /** Forgets all frames but the first ones, so that none is kept from the collector by a buffer without it. */
    private void truncate(int keep) {
        Arrays.fill(frames, keep, count, null);
        count = keep;
        burst = null;
    }
}
