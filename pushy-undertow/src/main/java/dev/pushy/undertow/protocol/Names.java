package dev.pushy.undertow.protocol;

import dev.pushy.core.Channel;
import dev.pushy.core.ChannelPattern;
import dev.pushy.core.Grant;
import dev.pushy.core.Limits;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Names of channels, patterns and events from outside, checked against the limits of the node. */
public final class Names {
    private static final List<String> RESERVED = List.of("pusher:", "pusher_internal:", "pushy:");
    private static final String PUSHER_CLIENT = "client-";

    private Names() {}

    /**
     * A channel.
     *
     * @throws dev.pushy.core.InvalidChannelException if it is none
     * @throws RequestException if it is too long
     */
    public static Channel channel(Limits limits, String app, String name) {
        requireLength(limits, name);
        return Channel.of(app, name);
    }

    /**
     * A channel or pattern.
     *
     * @throws dev.pushy.core.InvalidChannelException if it is none
     * @throws RequestException if it is too long
     */
    public static ChannelPattern pattern(Limits limits, String app, String text) {
        requireLength(limits, text);
        return ChannelPattern.of(app, text);
    }

    /** Channels and patterns, each once. */
    public static List<ChannelPattern> patterns(Limits limits, String app, Collection<String> texts) {
        Set<ChannelPattern> patterns = new LinkedHashSet<>();
        for (String text : texts) {
            patterns.add(pattern(limits, app, text));
        }
        return List.copyOf(patterns);
    }

    private static void requireLength(Limits limits, String name) {
        if (name.length() > limits.channelLength()) {
            throw new RequestException(
                    Fault.INVALID_CHANNEL,
                    "the channel name \"" + Excerpt.of(name) + "\" has " + name.length() + " characters, the limit is "
                            + limits.channelLength() + ": use a shorter name");
        }
    }

    /**
     * The name of an event.
     *
     * @param fromClient whether a client sends it and no publisher
     * @throws RequestException if it is none
     */
    public static String event(Limits limits, String name, boolean fromClient) {
        if (name.isEmpty() || name.length() > limits.eventLength()) {
            throw invalidEvent("the event name \"" + Excerpt.of(name) + "\" has " + name.length()
                    + " characters, it needs 1 to " + limits.eventLength());
        }
        for (int i = 0; i < name.length(); i++) {
            if (Character.isISOControl(name.charAt(i))) {
                throw invalidEvent("the event name \"" + Excerpt.of(name)
                        + String.format("\" has the control character U+%04X", (int) name.charAt(i))
                        + " at position " + (i + 1) + ": remove it");
            }
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
            throw invalidEvent("the event name \"" + Excerpt.of(name)
                    + "\" has half a surrogate pair, which is no character: remove it");
        }
        for (String prefix : RESERVED) {
            requireOther(name, prefix);
        }
        if (fromClient) {
            requireOther(name, PUSHER_CLIENT);
        }
        return name;
    }

    private static void requireOther(String name, String prefix) {
        if (name.startsWith(prefix)) {
            throw invalidEvent("the event name \"" + Excerpt.of(name) + "\" begins with " + prefix
                    + ", which is reserved: use another name");
        }
    }

    private static RequestException invalidEvent(String detail) {
        return new RequestException(Fault.INVALID_EVENT, detail);
    }

    /**
     * Checks that the token allows to subscribe to all of them.
     *
     * @throws RequestException naming all that it does not allow
     */
    public static void requireGranted(Grant grant, Collection<ChannelPattern> patterns) {
        List<String> refused = new ArrayList<>();
        for (ChannelPattern pattern : patterns) {
            if (!grant.maySubscribe(pattern)) {
                refused.add(pattern.toString());
            }
        }
        if (!refused.isEmpty()) {
            throw new RequestException(
                    Fault.FORBIDDEN,
                    "the token does not allow to subscribe to " + listed(refused)
                            + ": ask for channels that its claim \"channels\" covers, or get a token that lists these");
        }
    }

    private static String listed(List<String> names) {
        int shown = Math.min(names.size(), 10);
        String list = String.join(
                ", ", names.subList(0, shown).stream().map(Excerpt::of).toList());
        return names.size() > shown ? list + " and " + (names.size() - shown) + " more" : list;
    }

    /**
     * Checks that a connection may have these subscriptions besides those it has.
     *
     * @throws RequestException naming number, limit and remedy
     */
    public static void requireRoom(Limits limits, Collection<ChannelPattern> present, Collection<ChannelPattern> more) {
        Set<ChannelPattern> all = new LinkedHashSet<>(present);
        all.addAll(more);
        if (all.size() > limits.subscriptions()) {
            throw new RequestException(
                    Fault.TOO_MANY_SUBSCRIPTIONS,
                    "that makes " + all.size() + " subscriptions, the limit of a connection is "
                            + limits.subscriptions() + ": use a pattern, or another connection");
        }
        long wildcards = all.stream().filter(ChannelPattern::isWildcard).count();
        if (wildcards > limits.patterns()) {
            throw new RequestException(
                    Fault.TOO_MANY_SUBSCRIPTIONS,
                    "that makes " + wildcards + " patterns, the limit of a connection is " + limits.patterns()
                            + ": use a wider pattern, or another connection");
        }
    }
}
