package dev.pushy.examples.postgres;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pushy.core.Channel;
import dev.pushy.core.ControlMessage;
import dev.pushy.core.Position;
import dev.pushy.core.Publication;
import dev.pushy.core.Revocation;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How messages are written down: JSON, each with what one node must tell the others of it. */
final class Words {
    private static final ObjectMapper JSON =
            new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    private Words() {}

    /** All of a message but its data. */
    private record Head(
            String app,
            String channel,
            String event,
            String id,
            long time,
            boolean text,
            @Nullable String sender,
            @Nullable String except) {}

    /** A control message with the name of its type, by which it is read again. */
    private record Control(String type, String message) {}

    static String head(Publication publication) {
        return write(new Head(
                publication.channel().app(),
                publication.channel().name(),
                publication.event(),
                publication.id(),
                publication.time(),
                publication.isText(),
                publication.sender(),
                publication.excepted()));
    }

    static Publication publication(String text, byte[] data) {
        Head head = read(text, Head.class);
        Publication publication = Publication.of(Channel.of(head.app, head.channel), head.event, data);
        publication = head.text ? publication.asText() : publication;
        publication = head.sender == null ? publication : publication.from(head.sender);
        publication = head.except == null ? publication : publication.except(head.except);
        return publication.acceptedAs(head.id, Position.NONE, head.time);
    }

    static String control(ControlMessage message) {
        return write(new Control(message.getClass().getSimpleName(), write(message)));
    }

    /** Empty where a newer node says something that this one does not understand. */
    static Optional<ControlMessage> control(String text) {
        Control control = read(text, Control.class);
        for (Class<?> type : ControlMessage.class.getPermittedSubclasses()) {
            if (type.getSimpleName().equals(control.type)) {
                return Optional.of((ControlMessage) read(control.message, type));
            }
        }
        return Optional.empty();
    }

    static String revocation(Revocation revocation) {
        return write(revocation);
    }

    static Revocation revocation(String text) {
        return read(text, Revocation.class);
    }

    private static String write(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not to be written as JSON", e);
        }
    }

    private static <T> T read(String text, Class<T> type) {
        try {
            return JSON.readValue(text, type);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not written by a node: " + type.getSimpleName(), e);
        }
    }
}
