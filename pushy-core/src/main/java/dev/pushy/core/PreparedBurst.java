package dev.pushy.core;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Publications that follow one another and concern the same connections: they are handed out together, so that each
 * connection is looked at once. Confined to a loop, and used again and again.
 */
final class PreparedBurst {
    private static final System.Logger LOG = System.getLogger(PreparedBurst.class.getName());

    /** So many, and so much data at most: a loop looks at the clock between two of them. */
    static final int CAPACITY = 64;

    private static final int MOST_BYTES = 64 * 1024;

    private final @Nullable PreparedEvent[] events = new @Nullable PreparedEvent[CAPACITY];
    private int size;
    private int bytes;

    int size() {
        return size;
    }

    PreparedEvent event(int index) {
        return Objects.requireNonNull(events[index]);
    }

    PreparedEvent last() {
        return event(size - 1);
    }

    /** The node's cursor behind them, or null where it does not move. */
    @Nullable
    Cursor cursor() {
        for (int i = size - 1; i >= 0; i--) {
            Cursor cursor = event(i).cursor();
            if (cursor != null) {
                return cursor;
            }
        }
        return null;
    }

    /** Whose own publication it is not to get back: the same for all. */
    @Nullable
    String excepted() {
        return publication(0).excepted();
    }

    private Publication publication(int index) {
        return Objects.requireNonNull(event(index).publication);
    }

    /** Adds a publication, unless it concerns others than those before it, or enough are together. */
    boolean add(PreparedEvent event) {
        Publication publication = Objects.requireNonNull(event.publication);
        int length = publication.data().length;
        if (size > 0 && (size == CAPACITY || bytes + length > MOST_BYTES || !isForTheSame(event, publication))) {
            return false;
        }
        events[size++] = event;
        bytes += length;
        return true;
    }

    private boolean isForTheSame(PreparedEvent event, Publication publication) {
        return Arrays.equals(event(0).interests, event.interests) && Objects.equals(excepted(), publication.excepted());
    }

    /** The frames of a format, or null if it shows none of these publications. */
    @Nullable
    Burst frames(WireFormat format) {
        byte[][] frames = new byte[size][];
        Publication[] publications = new Publication[size];
        int shown = 0;
        for (int i = 0; i < size; i++) {
            byte[] frame = frame(i, format);
            if (frame != null) {
                frames[shown] = frame;
                publications[shown++] = publication(i);
            }
        }
        if (shown == 0) {
            return null;
        }
        return shown == size
                ? new Burst(frames, publications)
                : new Burst(Arrays.copyOf(frames, shown), Arrays.copyOf(publications, shown));
    }

    private byte @Nullable [] frame(int index, WireFormat format) {
        try {
            return event(index).frame(format);
        } catch (RuntimeException failed) { // the others must not be missed for it
            LOG.log(System.Logger.Level.ERROR, "an event could not be encoded", failed);
            return null;
        }
    }

    void clear() {
        Arrays.fill(events, 0, size, null);
        size = 0;
        bytes = 0;
    }
}
