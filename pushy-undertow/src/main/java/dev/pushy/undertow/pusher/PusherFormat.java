package dev.pushy.undertow.pusher;

import dev.pushy.core.Channel;
import dev.pushy.core.Cursor;
import dev.pushy.core.Gap;
import dev.pushy.core.Join;
import dev.pushy.core.Leave;
import dev.pushy.core.Member;
import dev.pushy.core.Publication;
import dev.pushy.undertow.protocol.ByteText;
import dev.pushy.undertow.protocol.JsonString;
import dev.pushy.undertow.protocol.TextFormat;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Events as the texts of the Pusher protocol. There is one object for each {@link ClientLibrary}; clients of this protocol
 * have no cursor.
 *
 * <p>Members of presence channels come and go at once; watchlists hear who is online only once it is settled.
 */
final class PusherFormat implements TextFormat {
    /** Events of the protocol on ordinary channels, which go through the broker and only Pusher's clients see. */
    static final String INTERNAL = "pusher_internal:";

    private static final byte[] EVENT = ByteText.ascii("{\"event\":");
    private static final byte[] CHANNEL = ByteText.ascii(",\"channel\":");
    private static final byte[] DATA = ByteText.ascii(",\"data\":");
    private static final byte[] USER = ByteText.ascii(",\"user_id\":");
    private static final byte[] END = ByteText.ascii("}");

    private final ClientLibrary library;

    PusherFormat(ClientLibrary library) {
        this.library = library;
    }

    @Override
    public byte @Nullable [] publication(Publication publication, @Nullable Cursor cursor, @Nullable Cursor since) {
        String channel = PusherChannels.name(publication.channel());
        if (publication.event().startsWith(INTERNAL) && !reads(channel)) {
            return null;
        }
        byte[] event = JsonString.of(publication.event());
        byte[] name = JsonString.of(channel);
        byte[] data = PusherData.quoted(publication);
        String sender = ChannelKind.of(channel).hasMembers() ? publication.sender() : null;
        byte[] user = sender == null ? null : JsonString.of(sender);
        int length =
                EVENT.length + event.length + CHANNEL.length + name.length + DATA.length + data.length + END.length;
        ByteText out = new ByteText(user == null ? length : length + USER.length + user.length)
                .put(EVENT)
                .put(event)
                .put(CHANNEL)
                .put(name)
                .put(DATA)
                .put(data);
        if (user != null) {
            out.put(USER).put(user);
        }
        return out.put(END).bytes();
    }

    /** Whether the client takes an event that is not encrypted where all others are. */
    private boolean reads(String channel) {
        return library.readsPlainOnEncrypted() || !ChannelKind.of(channel).isEncrypted();
    }

    @Override
    public byte @Nullable [] join(Join join) {
        return join.settled()
                ? status(join.channel(), "online")
                : member(join.channel(), join.member(), PusherMessages::memberAdded);
    }

    @Override
    public byte @Nullable [] leave(Leave leave) {
        return leave.settled()
                ? status(leave.channel(), "offline")
                : member(leave.channel(), leave.member(), PusherMessages::memberRemoved);
    }

    private static byte @Nullable [] status(Channel channel, String state) {
        return PusherChannels.isOnline(channel)
                ? utf8(PusherMessages.watchlist(Map.of(state, List.of(channel.reservedKey()))))
                : null;
    }

    private static byte @Nullable [] member(Channel channel, Member member, MemberMessage message) {
        return ChannelKind.of(channel.name()).hasMembers() ? utf8(message.of(channel.name(), member)) : null;
    }

    /** The client hears of each channel by itself. */
    @Override
    public boolean tellsGapsApart() {
        return true;
    }

    /** Where everything is encrypted there are no words for it; who is online is not told by messages. */
    @Override
    public byte @Nullable [] gap(Gap gap) {
        Channel channel = new Channel(Channel.DEFAULT_APP, gap.channels().get(0));
        String name = PusherChannels.name(channel);
        return ChannelKind.of(name).isEncrypted() || PusherChannels.isOnline(channel)
                ? null
                : utf8(PusherMessages.gap(name, gap.reason().word()));
    }

    @Override
    public byte @Nullable [] checkpoint(Cursor cursor) {
        return null;
    }

    @Override
    public byte @Nullable [] heartbeat(@Nullable Cursor cursor) {
        return null;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** A text about a member of a channel. */
    @FunctionalInterface
    private interface MemberMessage {
        String of(String channel, Member member);
    }
}
