package dev.pushy.core;

import org.jspecify.annotations.Nullable;

/** One accepted message in a {@link MemoryLog}: its place for ever, its body while it is retained. Or a setback. */
final class LogEntry {
    /** What an entry costs beside its data, roughly, in bytes of heap. */
    static final int OVERHEAD = 200;

    final long offset;
    final int tag;
    /** Null for a setback, which is of no channel. */
    final @Nullable Channel channel;

    final long time;
    private final long expires;
    private @Nullable Publication body;

    LogEntry(Publication accepted, long expires) {
        this.offset = accepted.position().offset();
        this.tag = accepted.position().tag();
        this.channel = accepted.channel();
        this.time = accepted.time();
        this.expires = expires;
        this.body = accepted;
    }

    /** The place from which on all hear that the log went back. */
    LogEntry(long offset, int tag, long time) {
        this.offset = offset;
        this.tag = tag;
        this.channel = null;
        this.time = time;
        this.expires = time;
    }

    private LogEntry(LogEntry other) {
        this.offset = other.offset;
        this.tag = other.tag;
        this.channel = other.channel;
        this.time = other.time;
        this.expires = other.expires;
        this.body = other.body;
    }

    LogEntry copy() {
        return new LogEntry(this);
    }

    /** The message, or null if it is not retained any more. */
    @Nullable
    Publication body(long now) {
        return now >= expires ? null : body;
    }

    /** What this costs, roughly. */
    int bytes() {
        Publication kept = body;
        return OVERHEAD + (kept == null ? 0 : kept.data().length);
    }

    boolean hasBody() {
        return body != null;
    }

    /** Gives the body up and says how many bytes that frees. */
    int dropBody() {
        Publication dropped = body;
        body = null;
        return dropped == null ? 0 : dropped.data().length;
    }
}
