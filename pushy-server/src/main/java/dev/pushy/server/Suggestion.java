package dev.pushy.server;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds the word that was probably meant. */
final class Suggestion {
    private static final int LONGEST = 100;

    private Suggestion() {}

    /** The nearest of the words, if one is near enough to be a slip of the hand. */
    static Optional<String> nearest(String written, Collection<String> words) {
        if (written.length() > LONGEST) {
            return Optional.empty();
        }
        int allowed = Math.max(1, written.length() / 3);
        return words.stream()
                .filter(word -> distance(written, word) <= allowed)
                .min(Comparator.comparingInt(word -> distance(written, word)));
    }

    /** The end of a sentence about an unknown word: the nearest one, or all of them. */
    static String among(String written, Collection<String> words) {
        return nearest(written, words)
                .map(word -> "did you mean \"" + word + "\"?")
                .orElseGet(() -> "known here: " + String.join(", ", words));
    }

    /** How many letters must be changed, added or left out (Levenshtein). */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int changed = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
