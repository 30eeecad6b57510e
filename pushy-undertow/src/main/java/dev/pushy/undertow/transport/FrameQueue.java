package dev.pushy.undertow.transport;

import dev.pushy.core.Publication;
import dev.pushy.core.WireFormat;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The frames that wait for a client whose connection outlives the responses that carry it: a frame stays until it was
 * written whole. Bounded in bytes by {@link TransportSettings#backlogBytes}; when it is full the policies of the channels
 * decide what is given up. Confined to the loop of the connection.
 *
 * <p>An empty queue holds no buffer.
 */
public final class FrameQueue {
    private final WireFormat format;
    private final TransportSettings settings;
    private final WriteMeter meter;
    private @Nullable Backlog frames;
    private @Nullable Overflow overflow;
    private int bytes;

    /**
     * An empty queue.
     *
     * @param format makes the gap that stands for publications that were given up
     * @param meter counts them
     */
    public FrameQueue(WireFormat format, TransportSettings settings, WriteMeter meter) {
        this.format = Objects.requireNonNull(format, "format");
        this.settings = Objects.requireNonNull(settings, "settings");
        this.meter = Objects.requireNonNull(meter, "meter");
    }

    /** How many frames wait. */
    public int size() {
        return frames == null ? 0 : frames.size();
    }

    /** How many bytes wait. */
    public int bytes() {
        return bytes;
    }

    /** A frame, the oldest is 0. */
    public byte[] frame(int index) {
        return Objects.requireNonNull(frames, "an empty queue has no frame").frame(index);
    }

    /** Adds a frame, whatever the bound: for the last words. */
    public void add(byte[] frame) {
        put(frame, null);
    }

    /**
     * Adds a frame. The bound is exceeded only by a frame that found nothing before it.
     *
     * @param publication what it carries, or null if it must not be given up
     * @param begun how many of the oldest frames are being written, so that they must stay
     * @return whether there was room; if not, the client is too slow and its connection must end
     */
    public boolean offer(byte[] frame, @Nullable Publication publication, int begun) {
        int bound = settings.backlogBytes();
        if (bytes > 0 && bytes + frame.length > bound && !makeRoom(frame.length, publication, begun)) {
            return false;
        }
        put(frame, publication);
        return true;
    }

    private void put(byte[] frame, @Nullable Publication publication) {
        if (frames == null) {
            frames = new Backlog();
        }
        frames.add(frame, publication);
        bytes += frame.length;
    }

    private boolean makeRoom(int length, @Nullable Publication publication, int begun) {
        if (overflow == null) {
            overflow = new Overflow(format, settings.policies());
        }
        Backlog all = Objects.requireNonNull(frames);
        int bound = settings.backlogBytes();
        int room = Math.max(0, Math.min(bound - length, bound / 4 * 3));
        int dropped = overflow.skip(all, begun, bytes - room, publication);
        if (dropped == Overflow.TOO_MANY) {
            return false;
        }
        if (dropped > 0) {
            meter.dropped(dropped);
            count(all);
        }
        return bytes == 0 || bytes + length <= bound;
    }

    private void count(Backlog all) {
        bytes = 0;
        for (int i = 0; i < all.size(); i++) {
            bytes += all.frame(i).length;
        }
    }

    /** Drops the oldest frames: they were written. */
    public void removeFirst(int count) {
        for (int i = 0; i < count; i++) {
            bytes -= frame(0).length;
            Objects.requireNonNull(frames).removeFirst();
        }
        if (size() == 0) {
            frames = null;
        }
    }

    /** Drops everything. */
    public void clear() {
        frames = null;
        bytes = 0;
    }
}
