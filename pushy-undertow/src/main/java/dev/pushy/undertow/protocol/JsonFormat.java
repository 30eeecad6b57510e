package dev.pushy.undertow.protocol;

import dev.pushy.core.Cursor;
import dev.pushy.core.Gap;
import dev.pushy.core.Join;
import dev.pushy.core.Leave;
import dev.pushy.core.Member;
import dev.pushy.core.Publication;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Events as the JSON texts of the native WebSocket protocol.
 *
 * <p>A message's {@code cursor} stands there only where it differs from the {@code id}, {@code null} where there is none.
 * A message with {@code since} does not move the connection's cursor.
 */
final class JsonFormat implements TextFormat {
    private static final byte[] MESSAGE = ByteText.ascii("{\"type\":\"message\",\"channel\":\"");

    @Override
    public byte @Nullable [] publication(Publication publication, @Nullable Cursor cursor, @Nullable Cursor since) {
        if (Envelope.isInternal(publication)) {
            return null;
        }
        String rest = since != null ? Envelope.since(since) : cursor(publication, cursor);
        Envelope envelope = new Envelope(publication, rest);
        ByteText out = new ByteText(MESSAGE.length + envelope.length()).put(MESSAGE);
        envelope.write(out);
        return out.bytes();
    }

    private static String cursor(Publication publication, @Nullable Cursor cursor) {
        if (cursor == null) {
            return ",\"cursor\":null";
        }
        String text = cursor.toString();
        return text.equals(publication.id()) ? "" : ",\"cursor\":\"" + text + '"';
    }

    @Override
    public byte @Nullable [] join(Join join) {
        return join.settled() ? member("join", join.channel().name(), join.member()) : null;
    }

    @Override
    public byte @Nullable [] leave(Leave leave) {
        return leave.settled() ? member("leave", leave.channel().name(), leave.member()) : null;
    }

    private static byte[] member(String type, String channel, Member member) {
        return utf8(
                JsonText.object().put("type", type).put("channel", channel).putRaw("member", MemberText.of(member)));
    }

    @Override
    public byte[] gap(Gap gap) {
        return utf8(MemberText.put(JsonText.object().put("type", "gap"), gap));
    }

    @Override
    public byte[] checkpoint(Cursor cursor) {
        return utf8(JsonText.object().put("type", "checkpoint").put("cursor", cursor.toString()));
    }

    @Override
    public byte @Nullable [] heartbeat(@Nullable Cursor cursor) {
        return cursor == null ? null : checkpoint(cursor);
    }

    private static byte[] utf8(JsonText text) {
        return text.end().getBytes(StandardCharsets.UTF_8);
    }
}
