package dev.pushy.core;

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

    /**
     * Checks the name.
     *
     * @throws InvalidChannelException if the name is empty, too long or has a character outside the allowed set
     */
    public Channel {
        Objects.requireNonNull(app, "app");
        ChannelNames.requireLength(name, MAX_LENGTH);
        int bad = ChannelNames.firstForbidden(name, false);
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
        return new Channel(DEFAULT_APP, name);
    }

    /**
     * The channel of this name in an app.
     *
     * @throws InvalidChannelException if it is no channel name
     */
    public static Channel of(String app, String name) {
        return new Channel(app, name);
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
