package dev.pushy.redis;

import dev.pushy.core.Channel;
import dev.pushy.core.ChannelEvent;
import dev.pushy.core.Join;
import dev.pushy.core.Leave;
import dev.pushy.core.Member;
import dev.pushy.core.PresenceStore;
import java.nio.charset.StandardCharsets;

/**
 * What presence sends over the links: {@code J} or {@code L}, the member's place, the lengths of channel and subject, each
 * followed by a space, then channel, subject and meta; {@code Q}, the number of a marker, a space and its channel;
 * {@code T}, something that makes it unique: the outbox has something for the teller.
 */
final class PresencePayload {
    static final byte JOIN = 'J';
    static final byte LEAVE = 'L';
    static final byte MARKER = 'Q';
    static final byte OUTBOX = 'T';

    private final byte[] payload;
    private int at = 1;

    private PresencePayload(byte[] payload) {
        this.payload = payload;
    }

    /** What {@link #tell} makes an {@link PresenceStore.Listener#onMarker} of. */
    static byte[] marker(Channel channel, long marker) {
        return ("Q" + marker + ' ' + Statement.text(channel)).getBytes(StandardCharsets.UTF_8);
    }

    /** Tells a listener of a join, a leave or a marker. */
    static void tell(byte[] payload, PresenceStore.Listener listener) {
        PresencePayload parts = new PresencePayload(payload);
        if (payload[0] == MARKER) {
            long marker = parts.number();
            listener.onMarker(Statement.channel(parts.rest()), marker);
        } else {
            listener.onPresence(parts.event());
        }
    }

    private ChannelEvent event() {
        number(); // the place is there to make the payload unique
        int channelLength = (int) number();
        int subjectLength = (int) number();
        Channel channel = Statement.channel(text(channelLength));
        Member member = new Member(text(subjectLength), rest(), 0);
        return payload[0] == JOIN ? new Join(channel, member, false) : new Leave(channel, member, false);
    }

    private long number() {
        long number = 0;
        boolean negative = payload[at] == '-';
        for (at += negative ? 1 : 0; payload[at] != ' '; at++) {
            number = number * 10 + payload[at] - '0';
        }
        at++;
        return negative ? -number : number;
    }

    private String text(int length) {
        String text = new String(payload, at, length, StandardCharsets.UTF_8);
        at += length;
        return text;
    }

    private String rest() {
        return text(payload.length - at);
    }
}
