package dev.pushy.core;

/** The alphabet of channel names, in one place for {@link Channel} and {@link ChannelPattern}. */
final class ChannelNames {
    private static final boolean[] ALLOWED = new boolean[128];

    static {
        String allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-=@,.;";
        for (int i = 0; i < allowed.length(); i++) {
            ALLOWED[allowed.charAt(i)] = true;
        }
    }

    private ChannelNames() {}

    static void requireLength(String name, int max) {
        if (name.isEmpty()) {
            throw new InvalidChannelException("a channel name is empty: it needs 1 to " + max + " characters");
        }
        if (name.length() > max) {
            throw new InvalidChannelException("the channel name \"" + Text.excerpt(name) + "\" has " + name.length()
                    + " characters, the limit is " + max + ": use a shorter name");
        }
    }

    /** Index of the first character that does not belong into a name, or -1. */
    static int firstForbidden(String name, boolean wildcards) {
        return firstForbidden(name, 0, wildcards);
    }

    /** The same from an index on. */
    static int firstForbidden(String name, int from, boolean wildcards) {
        for (int i = from; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c >= 128 || !(ALLOWED[c] || (wildcards && c == '*'))) {
                return i;
            }
        }
        return -1;
    }

    static InvalidChannelException forbidden(String name, int index) {
        return new InvalidChannelException("the channel name \"" + Text.excerpt(name) + "\" has "
                + Text.describe(name.charAt(index)) + " at position " + (index + 1)
                + "; allowed are A-Z a-z 0-9 _ - = @ , . ;");
    }
}
