package dev.pushy.core;

import java.util.Objects;

/**
 * Somebody who is present on a channel, with however many connections on however many nodes.
 *
 * @param subject who it is: the subject of the token
 * @param meta what the token says about the subject, a JSON value; {@code null} as JSON where it says nothing
 * @param connections how many connections the subject has on the channel, or 0 where that is not told
 */
public record Member(String subject, String meta, int connections) {

    /** Checks that nothing is missing. */
    public Member {
        Objects.requireNonNull(subject, "subject");
        Objects.requireNonNull(meta, "meta");
    }

    /** The subject alone: what is said about it may be private. */
    @Override
    public String toString() {
        return "Member[" + Text.excerpt(subject) + "]";
    }
}
