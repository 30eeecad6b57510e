package dev.pushy.undertow.protocol;

import dev.pushy.core.Cursor;
import dev.pushy.core.Gap;
import dev.pushy.core.Join;
import dev.pushy.core.Leave;
import dev.pushy.core.Member;
import dev.pushy.core.Publication;
import dev.pushy.core.WireFormat;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Events as blocks of a native SSE stream.
 *
 * <p>The {@code id:} line of a message is the cursor, not the message's id; without a cursor there is no such line, and the
 * browser keeps the one it has. A checkpoint is a block with only an {@code id:} line: it moves the cursor and dispatches
 * nothing. Control events have no {@code id:}.
 */
final class SseFormat implements WireFormat {
    private static final byte[] ID = ByteText.ascii("id: ");
    private static final byte[] EVENT = ByteText.ascii("event: ");
    private static final byte[] DATA = ByteText.ascii("data: {\"channel\":\"");
    private static final byte[] LINE = ByteText.ascii("\n");
    private static final byte[] END = ByteText.ascii("\n\n");
    private static final byte[] COMMENT = ByteText.ascii(":\n");
    private static final byte[] NONE = {};

    /** The first is what browsers dispatch anyway; the others would fire handlers of the browser's own. */
    private static final Set<String> UNNAMED = Set.of(Publication.DEFAULT_EVENT, "error", "open");

    @Override
    public byte @Nullable [] publication(Publication publication, @Nullable Cursor cursor, @Nullable Cursor since) {
        if (Envelope.isInternal(publication)) {
            return null;
        }
        Envelope envelope = new Envelope(publication, Envelope.since(since));
        String id = cursor == null || since != null ? null : cursor.toString();
        byte[] event = UNNAMED.contains(publication.event()) ? NONE : line(publication.event());
        int length = DATA.length + envelope.length() + END.length;
        length += id == null ? 0 : ID.length + id.length() + LINE.length;
        length += event.length == 0 ? 0 : EVENT.length + event.length + LINE.length;
        ByteText out = new ByteText(length);
        if (id != null) {
            out.put(ID).put(id).put(LINE);
        }
        if (event.length > 0) {
            out.put(EVENT).put(event).put(LINE);
        }
        envelope.write(out.put(DATA));
        return out.put(END).bytes();
    }

    /** A name that cannot end its line. */
    private static byte[] line(String name) {
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < utf8.length; i++) {
            if (utf8[i] == '\n' || utf8[i] == '\r' || utf8[i] == 0) {
                utf8[i] = ' ';
            }
        }
        return utf8;
    }

    @Override
    public byte @Nullable [] join(Join join) {
        return join.settled() ? member("pushy:join", join.channel().name(), join.member()) : null;
    }

    @Override
    public byte @Nullable [] leave(Leave leave) {
        return leave.settled() ? member("pushy:leave", leave.channel().name(), leave.member()) : null;
    }

    private static byte[] member(String event, String channel, Member member) {
        return control(event, JsonText.object().put("channel", channel).putRaw("member", MemberText.of(member)));
    }

    @Override
    public byte[] gap(Gap gap) {
        return control("pushy:gap", MemberText.put(JsonText.object(), gap));
    }

    @Override
    public byte[] checkpoint(Cursor cursor) {
        String id = cursor.toString();
        return new ByteText(ID.length + id.length() + END.length)
                .put(ID)
                .put(id)
                .put(END)
                .bytes();
    }

    @Override
    public byte[] heartbeat(@Nullable Cursor cursor) {
        if (cursor == null) {
            return ByteText.ascii(":\n\n");
        }
        byte[] checkpoint = checkpoint(cursor);
        return new ByteText(COMMENT.length + checkpoint.length)
                .put(COMMENT)
                .put(checkpoint)
                .bytes();
    }

    /** An event of ours about the stream itself. What a token says of a member may be JSON on several lines. */
    static byte[] control(String event, JsonText data) {
        String line = data.end().replace('\n', ' ').replace('\r', ' ');
        return ("event: " + event + "\ndata: " + line + "\n\n").getBytes(StandardCharsets.UTF_8);
    }
}
