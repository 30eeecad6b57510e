package dev.pushy.core;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Objects;

/**
 * The validated, concrete name of a channel in an app. It cannot hold a wildcard.
 *
 * <p>A name has 1 to {@value #MAX_LENGTH} characters of {@code A-Z a-z 0-9 _ - = @ , . ;}, the set that the Pusher
 * protocol allows, so that every protocol can name every channel. Dots divide it into segments, which wildcards match.
 *
 * @param app the tenant that the channel belongs to
 * @param name the name, unique in the app
 */
public record Channel(String app, String name) implements Comparable<Channel> {

    /** The app of a server that has only one. */
    public static final String DEFAULT_APP = "default";

    /** The most characters that a name can have; {@link Limits#channelLength()} may ask for fewer. */
    public static final int MAX_LENGTH = 1_000;

    private static final char RESERVED = '#';

    /**
     * Checks the name, which may be a {@linkplain #reserved reserved} one: names that users write go through {@link #of}.
     *
     * @throws InvalidChannelException if the name is empty, too long or has a character outside the allowed set
     */
    public Channel {
        Objects.requireNonNull(app, "app");
        ChannelNames.requireLength(name, MAX_LENGTH);
        int from = name.length() > 1 && name.charAt(0) == RESERVED ? 1 : 0;
        int bad = ChannelNames.firstForbidden(name, from, false);
        if (bad >= 0) {
            throw ChannelNames.forbidden(name, bad);
        }
    }

    /**
     * The channel of this name in the default app.
     *
     * @throws InvalidChannelException if it is no channel name
     */
    public static Channel of(String name) {
        return of(DEFAULT_APP, name);
    }

    /**
     * The channel of this name in an app.
     *
     * @throws InvalidChannelException if it is no channel name
     */
    public static Channel of(String app, String name) {
        Channel channel = new Channel(app, name);
        if (channel.isReserved()) {
            throw ChannelNames.forbidden(name, 0);
        }
        return channel;
    }

    /**
     * A channel that only the server itself names: for what concerns one user, say. No pattern matches it, nobody lists it,
     * and it is never occupied.
     *
     * @param kind what it is for, a word of letters
     * @param key whom or what it is about, any text
     */
    public static Channel reserved(String app, String kind, String key) {
        String encoded = Base64.getUrlEncoder().withoutPadding().encodeToString(key.getBytes(StandardCharsets.UTF_8));
        return new Channel(app, RESERVED + kind + '.' + encoded);
    }

    /** Whether only the server itself can name it, see {@link #reserved}. */
    public boolean isReserved() {
        return name.charAt(0) == RESERVED;
    }

    /**
     * The key that a reserved channel was made with.
     *
     * @throws IllegalStateException if it is an ordinary channel
     */
    public String reservedKey() {
        if (!isReserved()) {
            throw new IllegalStateException(name + " is no reserved channel");
        }
        byte[] key = Base64.getUrlDecoder().decode(name.substring(name.indexOf('.') + 1));
        return new String(key, StandardCharsets.UTF_8);
    }

    @Override
    public int compareTo(Channel other) {
        int apps = app.compareTo(other.app);
        return apps != 0 ? apps : name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return name;
    }
}
