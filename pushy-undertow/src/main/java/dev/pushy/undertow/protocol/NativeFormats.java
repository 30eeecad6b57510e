package dev.pushy.undertow.protocol;

import dev.pushy.core.WireFormat;

/** The formats of the native protocol for transports that carry no texts; one object of each, as formats are compared. */
public final class NativeFormats {
    /** Blocks of an SSE stream. */
    public static final WireFormat SSE = new SseFormat();
    /** What a {@link PollSession} gathers. */
    static final WireFormat POLL = new PollFormat();

    private NativeFormats() {}
}
