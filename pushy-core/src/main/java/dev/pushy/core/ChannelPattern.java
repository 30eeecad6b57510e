package dev.pushy.core;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * A channel name whose segments may be wildcards: {@code *} stands for exactly one segment, {@code **}, only as the last
 * segment, for one or more. A pattern without a wildcard names one channel.
 *
 * <p>{@code news.*} matches {@code news.sports}, but neither {@code news} nor {@code news.sports.f1}; {@code news.**}
 * matches both of the last; {@code **} matches every channel of its app. No segment may be empty.
 *
 * <p>Immutable. Two patterns are equal when app and text are.
 */
public final class ChannelPattern {
    private static final String ONE = "*";
    private static final String REST = "**";

    private final String app;
    private final String text;
    private final String[] segments;
    private final boolean wildcard;

    private ChannelPattern(String app, String text, String[] segments) {
        this.app = app;
        this.text = text;
        this.segments = segments;
        this.wildcard = text.indexOf('*') >= 0;
    }

    /**
     * Parses a pattern of the default app.
     *
     * @throws InvalidChannelException if it is no pattern; the message says where and why
     */
    public static ChannelPattern of(String text) {
        return of(Channel.DEFAULT_APP, text);
    }

    /**
     * Parses a pattern of an app.
     *
     * @throws InvalidChannelException if it is no pattern; the message says where and why
     */
    public static ChannelPattern of(String app, String text) {
        Objects.requireNonNull(app, "app");
        ChannelNames.requireLength(text, Channel.MAX_LENGTH);
        int bad = ChannelNames.firstForbidden(text, true);
        if (bad >= 0) {
            throw ChannelNames.forbidden(text, bad);
        }
        String[] segments = split(text);
        for (int i = 0; i < segments.length; i++) {
            requireSegment(text, segments[i], i == segments.length - 1);
        }
        return new ChannelPattern(app, text, segments);
    }

    /** The pattern that matches just this channel; its name may have empty segments. */
    public static ChannelPattern of(Channel channel) {
        return new ChannelPattern(channel.app(), channel.name(), split(channel.name()));
    }

    private static void requireSegment(String text, String segment, boolean last) {
        if (segment.isEmpty()) {
            throw new InvalidChannelException("\"" + Text.excerpt(text)
                    + "\" has an empty segment: remove the dot at its begin or end, or the doubled one");
        }
        if (segment.indexOf('*') < 0 || segment.equals(ONE)) {
            return;
        }
        if (!segment.equals(REST)) {
            throw new InvalidChannelException("\"" + Text.excerpt(text)
                    + "\" has a * inside a segment: a wildcard must be a whole segment, as in news.*");
        }
        if (!last) {
            throw new InvalidChannelException(
                    "\"" + Text.excerpt(text) + "\" has ** before its end: only the last segment may be **");
        }
    }

    private static String[] split(String name) {
        String[] segments = name.split("\\.", -1);
        for (int i = 0; i < segments.length; i++) {
            // Every token brings its own; there need not be as many objects.
            segments[i] = segments[i].equals(ONE) ? ONE : segments[i].equals(REST) ? REST : segments[i];
        }
        return segments;
    }

    /** The tenant whose channels this matches. */
    public String app() {
        return app;
    }

    /** Whether this can match more than one channel. */
    public boolean isWildcard() {
        return wildcard;
    }

    /**
     * The one channel that this names.
     *
     * @throws IllegalStateException if this is a wildcard
     */
    public Channel channel() {
        if (wildcard) {
            throw new IllegalStateException(text + " is a wildcard");
        }
        return new Channel(app, text);
    }

    /** The segments, of which any may be {@code *} and the last {@code **}. */
    public List<String> segments() {
        return List.of(segments);
    }

    /** Whether the channel is one that this names or stands for. */
    public boolean matches(Channel channel) {
        return app.equals(channel.app()) && matchesName(channel);
    }

    /** The same for a channel of any app. */
    boolean matchesName(Channel channel) {
        return wildcard ? !channel.isReserved() && matchesSegments(channel.name()) : text.equals(channel.name());
    }

    /** Compares segment by segment without cutting the name up. */
    private boolean matchesSegments(String name) {
        int from = 0;
        for (int i = 0; i < segments.length; i++) {
            if (from > name.length()) {
                return false;
            }
            String segment = segments[i];
            if (segment.equals(REST)) {
                return true;
            }
            int dot = name.indexOf('.', from);
            int to = dot < 0 ? name.length() : dot;
            if (!segment.equals(ONE) && !(segment.length() == to - from && name.startsWith(segment, from))) {
                return false;
            }
            from = to + 1;
        }
        return from > name.length();
    }

    /** Whether every channel that the other can match is matched by this. */
    public boolean covers(ChannelPattern other) {
        if (!app.equals(other.app)) {
            return false;
        }
        for (int i = 0; i < segments.length; i++) {
            if (i >= other.segments.length) {
                return false;
            }
            if (segments[i].equals(REST)) {
                return true;
            }
            boolean same = segments[i].equals(other.segments[i]);
            boolean wider = segments[i].equals(ONE) && !other.segments[i].equals(REST);
            if (!same && !wider) {
                return false;
            }
        }
        return segments.length == other.segments.length;
    }

    /** Whether there can be a channel that both match. */
    public boolean overlaps(ChannelPattern other) {
        if (!app.equals(other.app)) {
            return false;
        }
        int shorter = Math.min(segments.length, other.segments.length);
        for (int i = 0; i < shorter; i++) {
            String mine = segments[i];
            String its = other.segments[i];
            if (mine.equals(REST) || its.equals(REST)) {
                return true;
            }
            if (!mine.equals(ONE) && !its.equals(ONE) && !mine.equals(its)) {
                return false;
            }
        }
        return segments.length == other.segments.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ChannelPattern that && text.equals(that.text) && app.equals(that.app);
    }

    @Override
    public int hashCode() {
        return 31 * app.hashCode() + text.hashCode();
    }

    /** The pattern as it was written. */
    @Override
    public String toString() {
        return text;
    }

    /** Orders from the most to the least specific, as policies need it: fewer and later wildcards first. */
    static int bySpecificity(ChannelPattern a, ChannelPattern b) {
        int shorter = Math.min(a.segments.length, b.segments.length);
        for (int i = 0; i < shorter; i++) {
            int order = Integer.compare(rank(a.segments[i]), rank(b.segments[i]));
            if (order != 0) {
                return order;
            }
        }
        int length = Integer.compare(b.segments.length, a.segments.length);
        return length != 0 ? length : Arrays.compare(a.segments, b.segments);
    }

    private static int rank(String segment) {
        return segment.equals(REST) ? 2 : segment.equals(ONE) ? 1 : 0;
    }
}
