package dev.pushy.undertow.protocol;

import dev.pushy.core.Cursor;
import dev.pushy.core.Gap;
import dev.pushy.core.Join;
import dev.pushy.core.Leave;
import dev.pushy.core.Publication;
import dev.pushy.core.WireFormat;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Events as a {@link PollSession} gathers them. The first byte tells what a frame is; the cursor of a message, which the
 * answer shows only once, stands before the message.
 */
final class PollFormat implements WireFormat {
    static final byte MESSAGE = 'm';
    static final byte GAP = 'g';
    static final byte CURSOR = 'c';

    @Override
    public byte @Nullable [] publication(Publication publication, @Nullable Cursor cursor, @Nullable Cursor since) {
        if (Envelope.isInternal(publication)) {
            return null;
        }
        byte[] json = Envelope.json(publication, Envelope.since(since));
        String text = cursor == null || since != null ? "" : cursor.toString();
        // A cursor of many partitions is long: its length takes two bytes.
        return new ByteText(3 + text.length() + json.length)
                .put(new byte[] {MESSAGE, (byte) (text.length() >> 8), (byte) text.length()})
                .put(text)
                .put(json)
                .bytes();
    }

    /** Members are asked for, not polled. */
    @Override
    public byte @Nullable [] join(Join join) {
        return null;
    }

    @Override
    public byte @Nullable [] leave(Leave leave) {
        return null;
    }

    @Override
    public byte[] gap(Gap gap) {
        return kind(GAP, MemberText.put(JsonText.object(), gap).end());
    }

    @Override
    public byte[] checkpoint(Cursor cursor) {
        return kind(CURSOR, cursor.toString());
    }

    @Override
    public byte @Nullable [] heartbeat(@Nullable Cursor cursor) {
        return cursor == null ? null : checkpoint(cursor);
    }

    private static byte[] kind(byte kind, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return new ByteText(1 + utf8.length).put(new byte[] {kind}).put(utf8).bytes();
    }
}
