package dev.pushy.core;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A message on a channel. Immutable; its data must not be changed by anybody after it was handed over.
 *
 * <p>A publisher makes one with {@link #of}. The broker that accepts it gives it id, position and time.
 */
public final class Publication implements ChannelEvent {
    /** The event name of a publication that was given none. */
    public static final String DEFAULT_EVENT = "message";

    private final Channel channel;
    private final String event;
    private final byte[] data;
    private final boolean text;
    private final @Nullable String sender;
    private final @Nullable String except;
    private final @Nullable String id;
    private final Position position;
    private final long time;

    private Publication(
            Channel channel,
            String event,
            byte[] data,
            boolean text,
            @Nullable String sender,
            @Nullable String except,
            @Nullable String id,
            Position position,
            long time) {
        this.channel = channel;
        this.event = event;
        this.data = data;
        this.text = text;
        this.sender = sender;
        this.except = except;
        this.id = id;
        this.position = position;
        this.time = time;
    }

    /**
     * A message with the default event name.
     *
     * @param data one JSON value, UTF-8
     */
    public static Publication of(Channel channel, byte[] data) {
        return of(channel, DEFAULT_EVENT, data);
    }

    /**
     * A message with the default event name.
     *
     * @param json one JSON value
     */
    public static Publication of(Channel channel, String json) {
        return of(channel, DEFAULT_EVENT, json.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * A message.
     *
     * @param event its name, {@value #DEFAULT_EVENT} where there is nothing to tell apart
     * @param data one JSON value, UTF-8
     */
    public static Publication of(Channel channel, String event, byte[] data) {
        return new Publication(
                Objects.requireNonNull(channel, "channel"),
                Objects.requireNonNull(event, "event"),
                Objects.requireNonNull(data, "data"),
                false,
                null,
                null,
                null,
                Position.NONE,
                0);
    }

    /**
     * The same message, whose data is a JSON string that stands for plain text: protocols whose data is text get what the
     * string holds, the others the string.
     */
    public Publication asText() {
        return new Publication(channel, event, data, true, sender, except, id, position, time);
    }

    /** The same message, said to be from a member of the channel. */
    public Publication from(String subject) {
        return new Publication(channel, event, data, text, subject, except, id, position, time);
    }

    /** The same message, not to be delivered to this connection. */
    public Publication except(String connection) {
        return new Publication(channel, event, data, text, sender, connection, id, position, time);
    }

    /**
     * The same message with its place in the order; for brokers.
     *
     * @param partitions of the broker, which decide the form of the id
     * @param time of acceptance, milliseconds since 1970
     */
    public Publication accepted(Position position, int partitions, long time) {
        return new Publication(channel, event, data, text, sender, except, position.id(partitions), position, time);
    }

    /**
     * The same message, accepted by a broker that keeps no log of its channel; for brokers.
     *
     * @param time of acceptance, milliseconds since 1970
     */
    public Publication acceptedLive(long time) {
        return new Publication(
                channel, event, data, text, sender, except, PositionText.liveOnly(), Position.NONE, time);
    }

    /** The same message as another node accepted it; for brokers that carry the id with the message. */
    public Publication acceptedAs(String id, Position position, long time) {
        return new Publication(channel, event, data, text, sender, except, id, position, time);
    }

    @Override
    public Channel channel() {
        return channel;
    }

    /** The event name. */
    public String event() {
        return event;
    }

    /** One JSON value, UTF-8. Shared: not to be changed. */
    public byte[] data() {
        return data;
    }

    /** Whether the data is a JSON string that stands for plain text. */
    public boolean isText() {
        return text;
    }

    /** The member of the channel whom it is from, or null where that is not said. */
    public @Nullable String sender() {
        return sender;
    }

    /** The connection that does not get it, or null. */
    public @Nullable String excepted() {
        return except;
    }

    /**
     * The message id, the same on every node and in every protocol.
     *
     * @throws IllegalStateException if no broker has accepted it yet
     */
    public String id() {
        if (id == null) {
            throw new IllegalStateException("the publication was not accepted yet");
        }
        return id;
    }

    /** Its place in the order, or {@link Position#NONE} where its channel keeps no history. */
    public Position position() {
        return position;
    }

    /** When it was accepted, milliseconds since 1970. */
    public long time() {
        return time;
    }

    /** Channel, event and id; never the data. */
    @Override
    public String toString() {
        return channel + "/" + event + (id == null ? "" : "#" + id);
    }
}
