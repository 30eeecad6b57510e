package dev.pushy.undertow.transport;

import dev.pushy.core.Publication;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Frames that wait to be written, oldest first, each with the publication it carries if it may be skipped. A ring that
 * grows; what bounds it is the bound in bytes of its {@link SocketWriter}. Confined to a loop.
 */
final class Backlog {
    private static final int FIRST_CAPACITY = 16;
    /** A larger one is not worth keeping for the next connection. */
    static final int MAX_KEPT = 128;

    private byte[][] frames = new byte[FIRST_CAPACITY][];
    private @Nullable Publication[] publications = new @Nullable Publication[FIRST_CAPACITY];
    private int head;
    private int size;

    int size() {
        return size;
    }

    boolean worthKeeping() {
        return frames.length <= MAX_KEPT;
    }

    void add(byte[] frame, @Nullable Publication publication) {
        if (size == frames.length) {
            grow();
        }
        int at = slot(size++);
        frames[at] = frame;
        publications[at] = publication;
    }

    byte[] frame(int index) {
        return frames[slot(index)];
    }

    @Nullable
    Publication publication(int index) {
        return publications[slot(index)];
    }

    /** Drops the oldest. */
    void removeFirst() {
        frames[head] = null;
        publications[head] = null;
        head = (head + 1) & (frames.length - 1);
        size--;
    }

    void set(int index, byte[] frame, @Nullable Publication publication) {
        int at = slot(index);
        frames[at] = frame;
        publications[at] = publication;
    }

    /** Drops the youngest ones. */
    void truncate(int keep) {
        while (size > keep) {
            int at = slot(--size);
            frames[at] = null;
            publications[at] = null;
        }
    }

    private int slot(int index) {
        return (head + index) & (frames.length - 1);
    }

    private void grow() {
        int old = frames.length;
        byte[][] moreFrames = Arrays.copyOfRange(frames, head, head + 2 * old);
        @Nullable Publication[] morePublications = Arrays.copyOfRange(publications, head, head + 2 * old);
        System.arraycopy(frames, 0, moreFrames, old - head, head);
        System.arraycopy(publications, 0, morePublications, old - head, head);
        frames = moreFrames;
        publications = morePublications;
        head = 0;
    }
}
