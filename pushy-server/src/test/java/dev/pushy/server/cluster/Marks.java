package dev.pushy.server.cluster;

import java.util.Map;

/**
 * The last messages of a round: published when all is well again, so that each subscriber who is up to date has heard them.
 *
 * @param numbers by channel
 */
record Marks(Map<String, Integer> numbers) {
    int number(String channel) {
        return numbers.getOrDefault(channel, 0);
    }
}
