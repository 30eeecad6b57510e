package dev.pushy.undertow.protocol;

/** Untrusted text made fit for an error message: on one line, and not longer than that. */
public final class Excerpt {
    private static final int MAX = 60;

    private Excerpt() {}

    /** The beginning of the text, without control characters. */
    public static String of(String text) {
        StringBuilder out = new StringBuilder(Math.min(text.length(), MAX) + 3);
        for (int i = 0; i < text.length() && i < MAX; i++) {
            char c = text.charAt(i);
            out.append(Character.isISOControl(c) || Character.isSurrogate(c) ? '?' : c);
        }
        return text.length() > MAX ? out.append("...").toString() : out.toString();
    }
}
