package dev.pushy.core;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/** A wire format for people: one line a frame, and a count of what was encoded. */
final class LineFormat implements WireFormat {
    final AtomicInteger encodes = new AtomicInteger();
    private final boolean settled;

    LineFormat() {
        this(true);
    }

    /** Shows joins and leaves that are settled, or those that are told at once. */
    LineFormat(boolean settled) {
        this.settled = settled;
    }

    @Override
    public byte[] publication(Publication publication, Cursor cursor, Cursor since) {
        encodes.incrementAndGet();
        String data = new String(publication.data(), StandardCharsets.UTF_8);
        String at = since != null ? "since " + since : cursor == null ? "-" : cursor.toString();
        return bytes("message " + publication.channel() + " " + data + " " + at);
    }

    @Override
    public byte[] join(Join join) {
        return memberEvent("join", join);
    }

    @Override
    public byte[] leave(Leave leave) {
        return memberEvent("leave", leave);
    }

    private byte[] memberEvent(String word, MemberEvent event) {
        return event.settled() == settled
                ? bytes(word + " " + event.channel() + " " + event.member().subject())
                : null;
    }

    @Override
    public byte[] gap(Gap gap) {
        return bytes("gap " + gap.reason().word() + " " + String.join(",", gap.channels()));
    }

    @Override
    public byte[] checkpoint(Cursor cursor) {
        return bytes("checkpoint " + cursor);
    }

    @Override
    public byte[] heartbeat(Cursor cursor) {
        return bytes("heartbeat " + cursor);
    }

    private static byte[] bytes(String line) {
        return line.getBytes(StandardCharsets.UTF_8);
    }
}
