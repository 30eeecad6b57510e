package dev.pushy.undertow.protocol;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.pushy.core.Cursor;
import dev.pushy.core.Publication;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The JSON object that tells of a publication. Measured before it is written, so that the data is copied exactly once, into
 * bytes of just the right length.
 */
final class Envelope {
    private static final byte[] ID = ByteText.ascii("\",\"id\":\"");
    private static final byte[] EVENT = ByteText.ascii("\",\"event\":\"");
    private static final byte[] DATA = ByteText.ascii("\",\"data\":");
    private static final byte[] TIME = ByteText.ascii(",\"time\":");
    private static final String INTERNAL = "pusher_internal:";
    private static final JsonStringEncoder ENCODER = JsonStringEncoder.getInstance();

    private final Publication publication;
    private final byte @Nullable [] event;
    private final String time;
    private final String rest;

    /**
     * Measures.
     *
     * @param rest further members, ASCII, each with a comma before it
     */
    Envelope(Publication publication, String rest) {
        this.publication = publication;
        this.event = isDefault(publication) ? null : quoted(publication.event());
        this.time = Long.toString(publication.time());
        this.rest = rest;
    }

    /** Half a surrogate pair, which the encoder would throw at, becomes a question mark. */
    private static byte[] quoted(String name) {
        return ENCODER.quoteAsUTF8(new String(name.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
    }

    /** Whether this is an event of the Pusher protocol itself, which native clients do not know. */
    static boolean isInternal(Publication publication) {
        return publication.event().startsWith(INTERNAL);
    }

    static boolean isDefault(Publication publication) {
        return publication.event().equals(Publication.DEFAULT_EVENT);
    }

    /** The member for the replay of a subscription that was added: its presence says that the cursor does not move. */
    static String since(@Nullable Cursor since) {
        return since == null ? "" : ",\"since\":\"" + since + '"';
    }

    int length() {
        int name = event == null ? 0 : EVENT.length + event.length;
        return publication.channel().name().length()
                + ID.length
                + publication.id().length()
                + name
                + DATA.length
                + publication.data().length
                + TIME.length
                + time.length()
                + rest.length()
                + 1;
    }

    /** Writes all behind the opening quote of the channel's name. */
    void write(ByteText out) {
        out.put(publication.channel().name()).put(ID).put(publication.id());
        if (event != null) {
            out.put(EVENT).put(event);
        }
        out.put(DATA)
                .putOneLine(publication.data())
                .put(TIME)
                .put(time)
                .put(rest)
                .put("}");
    }

    /** The object alone, as the HTTP answers and long poll show it. */
    static byte[] json(Publication publication, String rest) {
        Envelope envelope = new Envelope(publication, rest);
        ByteText out = new ByteText(HEAD.length + envelope.length()).put(HEAD);
        envelope.write(out);
        return out.bytes();
    }

    static final byte[] HEAD = ByteText.ascii("{\"channel\":\"");
}
