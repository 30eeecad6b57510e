package dev.pushy.undertow.pusher;

import dev.pushy.core.Channel;
import dev.pushy.core.Publication;
import dev.pushy.core.PublishOptions;
import dev.pushy.core.Pushy;
import dev.pushy.undertow.protocol.Excerpt;
import dev.pushy.undertow.protocol.Fault;
import dev.pushy.undertow.protocol.MessageRequest;
import dev.pushy.undertow.protocol.Names;
import dev.pushy.undertow.protocol.RawJson;
import dev.pushy.undertow.protocol.RequestException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An event that a backend asks to trigger, checked.
 *
 * @param messages one for each channel, each channel once
 * @param info what the caller wants to know of the channels
 */
record Trigger(List<MessageRequest> messages, Set<ChannelAttribute> info) {
    private static final Set<ChannelAttribute> ALLOWED =
            EnumSet.of(ChannelAttribute.USER_COUNT, ChannelAttribute.SUBSCRIPTION_COUNT);
    private static final Pattern SOCKET_ID = Pattern.compile("[0-9]+\\.[0-9]+");
    /** Longer than the id of any connection. */
    private static final int LONGEST_SOCKET_ID = 64;

    /** Copies the collections. */
    Trigger {
        messages = List.copyOf(messages);
        info = Set.copyOf(info);
    }

    /**
     * Reads an event for one or several channels.
     *
     * @throws RequestException if a parameter is missing, wrong or too large
     */
    static Trigger read(Pushy pushy, PusherApp app, TriggerParameters parameters) {
        String name = name(pushy, app, parameters);
        String data = data(app, parameters);
        return of(pushy, app, parameters, name, data, channels(app, parameters));
    }

    /** Reads an event of a batch, which has one channel. */
    static Trigger readOne(Pushy pushy, PusherApp app, TriggerParameters parameters) {
        String name = name(pushy, app, parameters);
        String data = data(app, parameters);
        return of(pushy, app, parameters, name, data, Set.of(parameters.requiredText("channel")));
    }

    /** An event whose data came apart from its parameters. */
    static Trigger of(Pushy pushy, PusherApp app, TriggerParameters parameters, String channel, String data) {
        String name = name(pushy, app, parameters);
        requireSize(data.getBytes(StandardCharsets.UTF_8).length, app.limits().dataBytes());
        return of(pushy, app, parameters, name, data, Set.of(channel));
    }

    private static Trigger of(
            Pushy pushy, PusherApp app, TriggerParameters parameters, String name, String data, Set<String> channels) {
        String except = socketId(parameters.text("socket_id"));
        Set<ChannelAttribute> info = ChannelAttribute.parse(parameters.text("info"), ALLOWED);
        List<MessageRequest> messages = new ArrayList<>();
        for (String channel : channels) {
            messages.add(message(pushy, app, PusherChannels.of(app, channel), name, data, except));
        }
        return new Trigger(messages, info);
    }

    private static String name(Pushy pushy, PusherApp app, TriggerParameters parameters) {
        String name = parameters.requiredText("name");
        int most = app.limits().eventLength();
        if (name.length() > most) {
            throw TriggerParameters.invalid("Expected name parameter to have at most " + most + " characters, it has "
                    + name.length() + ": use a shorter name");
        }
        return Names.event(pushy.limits(), name, false);
    }

    private static String data(PusherApp app, TriggerParameters parameters) {
        RawJson member = parameters.member("data");
        boolean other =
                member != null && member.text() == null && app.features().lenientData();
        String data = member != null && other ? member.json() : parameters.requiredText("data");
        requireSize(data.getBytes(StandardCharsets.UTF_8).length, app.limits().dataBytes());
        return data;
    }

    private static void requireSize(int bytes, int most) {
        if (bytes > most) {
            throw new RequestException(
                    Fault.TOO_LARGE,
                    "The data content of this event exceeds the allowed maximum (" + most + " bytes): it has " + bytes
                            + ". See https://pusher.com/docs/channels/library_auth_reference/rest-api");
        }
    }

    private static Set<String> channels(PusherApp app, TriggerParameters parameters) {
        String one = parameters.text("channel");
        List<String> several = parameters.texts("channels");
        if ((one == null) == (several == null)) {
            throw TriggerParameters.invalid("Expected either channels or channel parameter, one of them");
        }
        if (several == null) {
            return Set.of(parameters.requiredText("channel"));
        }
        int most = app.limits().channelsPerEvent();
        if (several.isEmpty() || several.size() > most) {
            throw TriggerParameters.expected(
                    "channels", "an array of 1 to " + most + " channels, it has " + several.size());
        }
        return new LinkedHashSet<>(several);
    }

    /** The connection to leave out, or null; one that cannot be any of ours is none. */
    private static @Nullable String socketId(@Nullable String text) {
        if (text == null) {
            return null;
        }
        if (!SOCKET_ID.matcher(text).matches()) {
            throw TriggerParameters.invalid(
                    "Invalid socket_id: \"" + Excerpt.of(text) + "\" must be two numbers with a dot between them");
        }
        return text.length() > LONGEST_SOCKET_ID ? null : text;
    }

    private static MessageRequest message(
            Pushy pushy, PusherApp app, Channel channel, String name, String data, @Nullable String except) {
        Publication publication =
                PusherData.publication(channel, name, data, pushy.limits().jsonDepth());
        // Written as JSON it may be longer, and the node has a limit for that.
        requireSize(publication.data().length, pushy.policies().of(channel).dataBytes());
        PublishOptions options = channel.isReserved()
                ? PublishOptions.LIVE_ONLY
                : pushy.options(channel).withRetain(app.cacheLife(channel));
        return new MessageRequest(except == null ? publication : publication.except(except), options);
    }

    /** Where a message goes. */
    static Channel channel(MessageRequest message) {
        return message.publication().channel();
    }
}
