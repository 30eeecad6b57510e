package dev.pushy.core;

/** Untrusted text made fit for an error message. */
final class Text {
    private static final int EXCERPT = 60;

    private Text() {}

    /** The text without control characters and not longer than a line. */
    static String excerpt(String text) {
        StringBuilder out = new StringBuilder(Math.min(text.length(), EXCERPT) + 3);
        for (int i = 0; i < text.length() && i < EXCERPT; i++) {
            char c = text.charAt(i);
            out.append(Character.isISOControl(c) || Character.isSurrogate(c) ? '?' : c);
        }
        return text.length() > EXCERPT ? out.append("...").toString() : out.toString();
    }

    static String describe(char c) {
        boolean printable = c > ' ' && c < 127;
        return printable ? "'" + c + "'" : String.format("the character U+%04X", (int) c);
    }
}
