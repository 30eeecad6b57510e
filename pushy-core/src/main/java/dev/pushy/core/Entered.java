package dev.pushy.core;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The answer to {@link Subscriber#enter}: how the channels stand at the moment from which on the connection hears them.
 *
 * @param full whether a channel had no room for the member: then nothing was subscribed, and the rest is empty
 * @param rosters the members of each channel in the order in which they came, the connection's own among them; empty
 *     unless it was asked for. Their connections are not told
 * @param retained the retained message of each channel, where it was asked for and there is one. One that is about to come
 *     as an event of the channel is left out here
 * @param missing the channels of which no message is retained, where it was asked for
 */
public record Entered(
        boolean full, Map<Channel, List<Member>> rosters, Map<Channel, Retained> retained, Set<Channel> missing) {

    static final Entered FULL = new Entered(true, Map.of(), Map.of(), Set.of());

    /** Copies. */
    public Entered {
        rosters = Map.copyOf(rosters);
        retained = Map.copyOf(retained);
        missing = Set.copyOf(missing);
    }
}
