package dev.pushy.undertow.protocol;

import dev.pushy.core.Channel;
import dev.pushy.core.ChannelPattern;
import dev.pushy.core.Cursor;
import dev.pushy.core.Grant;
import dev.pushy.core.Publication;
import dev.pushy.core.Pushy;
import dev.pushy.core.Resume;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a client with a token can ask for in the native protocol of JSON texts. Has no state of its own; called on the loop
 * of the session.
 */
final class JsonCommands {

    private static final int MAX_REF = 200;

    private final Pushy pushy;

    JsonCommands(Pushy pushy) {
        this.pushy = pushy;
    }

    /** What a client marked its request with, to be echoed, or null. */
    static @Nullable String ref(Map<String, RawJson> members) {
        RawJson ref = members.get("ref");
        if (ref == null) {
            return null;
        }
        if (ref.length() > MAX_REF) {
            throw new RequestException(
                    Fault.INVALID_REQUEST,
                    "\"ref\" has " + ref.length() + " bytes, the limit is " + MAX_REF + ": a number is enough");
        }
        return ref.json();
    }

    /** Does what the client asks for, or throws what is wrong with it. */
    void run(JsonSession session, JsonClient client, String type, Map<String, RawJson> members, @Nullable String ref) {
        switch (type) {
            case "subscribe" -> subscribe(session, client, members, ref);
            case "unsubscribe" -> unsubscribe(session, client, patterns(client.grant(), members), ref);
            case "publish" -> publish(session, client.grant(), members, ref);
            case "presence" -> presence(session, client.grant(), members, ref);
            case "history" -> history(session, client.grant(), members, ref);
            default ->
                throw new RequestException(
                        Fault.INVALID_REQUEST,
                        "the type \"" + Excerpt.of(type)
                                + "\" is not known: there are subscribe, unsubscribe, publish, presence, history, auth"
                                + " and ping");
        }
    }

    private List<ChannelPattern> patterns(Grant grant, Map<String, RawJson> members) {
        List<String> channels = Fields.texts(members, "channels");
        if (channels == null || channels.isEmpty()) {
            throw new RequestException(
                    Fault.INVALID_REQUEST, "\"channels\" is missing: it is an array of channels and patterns");
        }
        return Names.patterns(pushy.limits(), grant.app(), channels);
    }

    private void subscribe(JsonSession session, JsonClient client, Map<String, RawJson> members, @Nullable String ref) {
        List<ChannelPattern> patterns = patterns(client.grant(), members);
        Names.requireGranted(client.grant(), patterns);
        String since = Fields.text(members, "since");
        Resume resume =
                since == null ? Resume.NOW : Resume.parse(since, pushy.hub().partitions());
        client.subscriptions().add(patterns, resume, added -> {
            JsonText text = told("subscribed", patterns, added.cursor());
            if (added.sinceIgnored()) {
                text.put("since_ignored", true);
            }
            session.reply(text, ref);
            session.pace().answered();
        });
        session.pace().asked();
    }

    private static void unsubscribe(
            JsonSession session, JsonClient client, List<ChannelPattern> patterns, @Nullable String ref) {
        client.subscriptions().remove(patterns, cursor -> {
            session.reply(told("unsubscribed", patterns, cursor), ref);
            session.pace().answered();
        });
        session.pace().asked();
    }

    static JsonText told(String type, Collection<ChannelPattern> patterns, @Nullable Cursor cursor) {
        return JsonText.object()
                .put("type", type)
                .put("channels", patterns)
                .putNullable("cursor", cursor == null ? null : cursor.toString());
    }

    private void publish(JsonSession session, Grant grant, Map<String, RawJson> members, @Nullable String ref) {
        Channel channel = channel(grant, members);
        PublishAccess.requireClient(pushy, grant, channel);
        MessageRequest message = MessageRequest.read(pushy, channel, members, true);
        Publication publication = message.publication();
        if (Boolean.FALSE.equals(Fields.truth(members, "echo"))) {
            publication = publication.except(session.connectionId());
        }
        session.answer(pushy.publish(publication, message.options()), ref, receipt -> {
            JsonText text = JsonText.object().put("type", "published").put("id", receipt.id());
            return receipt.duplicate() ? text.put("duplicate", true) : text;
        });
    }

    private void presence(JsonSession session, Grant grant, Map<String, RawJson> members, @Nullable String ref) {
        Channel channel = channel(grant, members);
        Names.requireGranted(grant, List.of(ChannelPattern.of(channel)));
        PresenceText.requirePresence(pushy, channel);
        session.answerAtLength(
                pushy.presence().members(channel),
                ref,
                present -> PresenceText.put(JsonText.object().put("type", "members"), channel, present));
    }

    private void history(JsonSession session, Grant grant, Map<String, RawJson> members, @Nullable String ref) {
        Channel channel = channel(grant, members);
        Names.requireGranted(grant, List.of(ChannelPattern.of(channel)));
        HistoryRequest request = HistoryRequest.of(
                pushy,
                Fields.number(members, "limit"),
                Fields.text(members, "since"),
                Boolean.TRUE.equals(Fields.truth(members, "reverse")));
        // A connection whose backlog the answer alone would fill must not lose itself by asking.
        session.answerAtLength(
                request.read(pushy, channel, pushy.limits().backlogBytes() / 4),
                ref,
                answer -> answer.put(JsonText.object().put("type", "history").put("channel", channel.name())));
    }

    private Channel channel(Grant grant, Map<String, RawJson> members) {
        String name = Fields.requiredText(members, "channel", "the name of a channel");
        return Names.channel(pushy.limits(), grant.app(), name);
    }
}
