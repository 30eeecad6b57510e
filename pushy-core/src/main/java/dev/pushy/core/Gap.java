package dev.pushy.core;

import java.util.List;
import java.util.Locale;

/**
 * A loss that cannot be repaired, told to a client in the place where it happened.
 *
 * @param channels what it concerns: names of channels and, where a whole partition is concerned, the client's patterns
 * @param reason why
 */
public record Gap(List<String> channels, Reason reason) {

    /** Why messages are missing. */
    public enum Reason {
        /** They fell out of retention, or it cannot be proven that none did. */
        EXPIRED,
        /** The log began anew, or the cursor is of no log that is known. */
        RESET,
        /** The log went back and grew again. */
        FORK,
        /** The client has seen more than the log holds. */
        AHEAD,
        /** The client was too slow, and its policy is to skip. */
        OVERFLOW;

        /** The word for the wire. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Copies the list. */
    public Gap {
        channels = List.copyOf(channels);
    }
}
