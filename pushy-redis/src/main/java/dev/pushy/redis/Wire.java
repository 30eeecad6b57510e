package dev.pushy.redis;

import dev.pushy.core.Channel;
import dev.pushy.core.ControlMessage;
import dev.pushy.core.Position;
import dev.pushy.core.Publication;
import dev.pushy.core.Revocation;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The byte form of what travels on the links and stands in the log. The first byte is the kind; a form that changes gets
 * another letter, so that nodes of two versions can run side by side: what a node does not know it leaves alone.
 *
 * <pre>
 * M offset SP tag SP record     a message that has a place in the log
 * m id SP time SP body          one that has none
 * K marker SP epoch SP end SP tag
 * C number                      a canary
 * B epoch SP offset SP tag      a setback
 * O D app connection subject    control: disconnect
 * O S app connection subject token n subscribe... n unsubscribe... number
 * R app token-id subject at until
 * J, L, Q, T                    the presence store's
 *
 * record   epoch SP time SP expires SP previous SP body     previous: offset-tag, or -
 * body     flags, app, name, event, sender?, except?, data
 * </pre>
 *
 * <p>Numbers of M, m, K, C, B and the record are decimal, for the scripts; texts of body, control and revocation are UTF-8
 * with their length before them, see {@link WireWriter}. The data is the rest.
 */
final class Wire {
    static final byte MESSAGE = 'M';
    static final byte LIVE = 'm';
    static final byte MARKER = 'K';
    static final byte CANARY = 'C';
    static final byte SETBACK = 'B';
    static final byte CONTROL = 'O';
    static final byte REVOCATION = 'R';

    private static final int TEXT = 1;
    private static final int SENDER = 2;
    private static final int EXCEPT = 4;

    /** A message as it came. */
    record Message(Publication publication, @Nullable Position previous) {}

    /** A marker as it came. */
    record Marker(long id, Position end) {}

    /** A record of the log. */
    record Entry(Publication publication, @Nullable Position previous, long expires) {}

    private Wire() {}

    /** Whether it is the presence store's. */
    static boolean isPresence(byte kind) {
        return kind == 'J' || kind == 'L' || kind == 'Q' || kind == 'T';
    }

    // Messages.

    /** What a publisher hands to a script. */
    static byte[] body(Publication publication) {
        String sender = publication.sender();
        String except = publication.excepted();
        WireWriter out = new WireWriter(publication.data().length + 96);
        out.octet((publication.isText() ? TEXT : 0) | (sender == null ? 0 : SENDER) | (except == null ? 0 : EXCEPT));
        out.text(publication.channel().app());
        out.text(publication.channel().name());
        out.text(publication.event());
        if (sender != null) {
            out.text(sender);
        }
        if (except != null) {
            out.text(except);
        }
        return out.bytes(publication.data()).toBytes();
    }

    private static Publication publication(WireReader in) {
        int flags = in.octet();
        Publication publication;
        Channel channel = new Channel(in.text(), in.text());
        String event = in.text();
        String sender = (flags & SENDER) == 0 ? null : in.text();
        String except = (flags & EXCEPT) == 0 ? null : in.text();
        publication = Publication.of(channel, event, in.rest());
        publication = (flags & TEXT) == 0 ? publication : publication.asText();
        publication = sender == null ? publication : publication.from(sender);
        return except == null ? publication : publication.except(except);
    }

    /** A message of kind {@link #MESSAGE} or {@link #LIVE}. */
    static Message message(byte[] payload, int partition, int partitions) {
        WireReader in = new WireReader(payload, 1);
        if (payload[0] == LIVE) {
            String id = in.word();
            long time = in.number();
            return new Message(publication(in).acceptedAs(id, Position.NONE, time), null);
        }
        long offset = in.number();
        int tag = (int) in.number();
        Entry entry = entry(in, partition, partitions, offset, tag);
        return new Message(entry.publication(), entry.previous());
    }

    /** A record of the log, which stands there by this id. */
    static Entry entry(byte[] id, byte[] record, int partition, int partitions) {
        WireReader place = new WireReader(id, 0);
        long offset = place.number();
        int tag = (int) place.number();
        return entry(new WireReader(record, 0), partition, partitions, offset, tag);
    }

    private static Entry entry(WireReader in, int partition, int partitions, long offset, int tag) {
        int epoch = (int) in.number();
        long time = in.number();
        long expires = in.number();
        Position previous = null;
        if (!in.skipDash()) {
            long before = in.number();
            previous = new Position(partition, epoch, before, (int) in.number());
        }
        Position place = new Position(partition, epoch, offset, tag);
        return new Entry(publication(in).accepted(place, partitions, time), previous, expires);
    }

    static Marker marker(byte[] payload, int partition) {
        WireReader in = new WireReader(payload, 1);
        long id = in.number();
        int epoch = (int) in.number();
        long end = in.number();
        return new Marker(id, new Position(partition, epoch, end, (int) in.number()));
    }

    // Control.

    static byte[] control(ControlMessage message) {
        WireWriter out = new WireWriter(128);
        out.octet(CONTROL);
        if (message instanceof ControlMessage.Disconnect disconnect) {
            out.octet('D').text(message.app());
            out.optional(disconnect.connection()).optional(disconnect.subject());
        } else if (message instanceof ControlMessage.ChangeStream change) {
            out.octet('S').text(message.app());
            out.text(change.connection()).text(change.subject()).optional(change.token());
            out.texts(change.subscribe()).texts(change.unsubscribe());
            out.text(Long.toString(change.number()));
        }
        return out.toBytes();
    }

    /** The message, or null if it is of a kind that only a newer version knows. */
    static @Nullable ControlMessage control(byte[] payload) {
        WireReader in = new WireReader(payload, 1);
        int kind = in.octet();
        if (kind == 'D') {
            return new ControlMessage.Disconnect(in.text(), in.optional(), in.optional());
        }
        if (kind == 'S') {
            String app = in.text();
            String connection = in.text();
            String subject = in.text();
            String token = in.optional();
            List<String> subscribe = in.texts();
            List<String> unsubscribe = in.texts();
            return new ControlMessage.ChangeStream(
                    app, connection, subject, subscribe, unsubscribe, token, Long.parseLong(in.text()));
        }
        return null;
    }

    static byte[] revocation(Revocation revocation) {
        return new WireWriter(96)
                .octet(REVOCATION)
                .text(revocation.app())
                .optional(revocation.tokenId())
                .optional(revocation.subject())
                .text(Long.toString(revocation.at()))
                .text(Long.toString(revocation.until()))
                .toBytes();
    }

    static Revocation revocation(byte[] payload) {
        WireReader in = new WireReader(payload, 1);
        return new Revocation(
                in.text(), in.optional(), in.optional(), Long.parseLong(in.text()), Long.parseLong(in.text()));
    }

    static List<Revocation> revocations(List<?> payloads) {
        List<Revocation> all = new ArrayList<>(payloads.size());
        payloads.forEach(payload -> all.add(revocation((byte[]) payload)));
        return all;
    }
}
