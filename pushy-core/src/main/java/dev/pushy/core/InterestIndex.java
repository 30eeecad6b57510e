package dev.pushy.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which of this node's interests a channel concerns: an exact look-up, a trie of wildcards, and a bounded memory of what
 * both together answered. Guarded by the sequencer's lock.
 */
final class InterestIndex {
    private static final Interest[] NONE = {};
    private static final int REMEMBERED = 16_384;

    private final Map<ChannelPattern, Interest> interests = new HashMap<>();
    private final Map<Channel, Interest> exact = new HashMap<>();
    private final PatternTrie<Interest> wildcards = new PatternTrie<>();
    /** Answers while there are wildcards. Emptied when it is full, or when a wildcard comes or goes. */
    private final Map<Channel, Interest[]> answers = new HashMap<>();

    @Nullable
    Interest get(ChannelPattern pattern) {
        return interests.get(pattern);
    }

    /** The interest in a channel by its name. */
    @Nullable
    Interest exact(Channel channel) {
        return exact.get(channel);
    }

    void add(Interest interest) {
        ChannelPattern pattern = interest.pattern;
        interests.put(pattern, interest);
        if (pattern.isWildcard()) {
            wildcards.put(pattern, interest);
            answers.clear();
        } else {
            exact.put(pattern.channel(), interest);
            answers.remove(pattern.channel());
        }
    }

    void remove(Interest interest) {
        ChannelPattern pattern = interest.pattern;
        interests.remove(pattern);
        if (pattern.isWildcard()) {
            wildcards.remove(pattern);
            answers.clear();
        } else {
            exact.remove(pattern.channel());
            answers.remove(pattern.channel());
        }
    }

    /** The interests that the channel concerns. Not to be changed. */
    Interest[] match(Channel channel) {
        if (wildcards.isEmpty()) {
            Interest only = exact.get(channel);
            return only == null ? NONE : only.alone;
        }
        Interest[] known = answers.get(channel);
        if (known == null) {
            known = find(channel);
            if (answers.size() >= REMEMBERED) {
                answers.clear();
            }
            answers.put(channel, known);
        }
        return known;
    }

    private Interest[] find(Channel channel) {
        List<Interest> found = new ArrayList<>();
        Interest only = exact.get(channel);
        if (only != null) {
            found.add(only);
        }
        wildcards.match(channel, found::add);
        return found.isEmpty() ? NONE : found.toArray(new Interest[0]);
    }

    Collection<Interest> all() {
        return interests.values();
    }

    int size() {
        return interests.size();
    }
}
