package dev.pushy.core;

import java.time.Duration;
import java.util.Objects;

/**
 * How the channels that a pattern matches behave.
 *
 * @param historySize how many messages are kept; 0: none, messages are live only, which is cheaper
 * @param historyAge how long they are kept
 * @param presence whether subscribers are members whom others hear join and leave; some names ask for it by themselves, see
 *     {@link ChannelPolicies}
 * @param clientPublish whether holders of a token may publish, within their grant
 * @param slowConsumer what happens to a connection that cannot follow
 * @param dataBytes the most bytes of a message's data
 */
public record ChannelPolicy(
        int historySize,
        Duration historyAge,
        boolean presence,
        boolean clientPublish,
        SlowConsumer slowConsumer,
        int dataBytes) {

    /** 1,000 messages for 5 minutes, no presence, clients may publish, slow consumers are disconnected, 64 KiB. */
    public static final ChannelPolicy DEFAULT =
            new ChannelPolicy(1_000, Duration.ofMinutes(5), false, true, SlowConsumer.DISCONNECT, 64 * 1024);

    /** Checks the values. */
    public ChannelPolicy {
        Objects.requireNonNull(historyAge, "historyAge");
        Objects.requireNonNull(slowConsumer, "slowConsumer");
        if (historySize < 0 || historyAge.isNegative() || dataBytes < 1) {
            throw new IllegalArgumentException(
                    "historySize and historyAge must not be negative, dataBytes must be positive");
        }
    }

    /** The same with another history. */
    public ChannelPolicy withHistory(int size, Duration age) {
        return new ChannelPolicy(size, age, presence, clientPublish, slowConsumer, dataBytes);
    }

    /** The same with presence on or off. */
    public ChannelPolicy withPresence(boolean on) {
        return new ChannelPolicy(historySize, historyAge, on, clientPublish, slowConsumer, dataBytes);
    }

    /** The same with publishing by clients on or off. */
    public ChannelPolicy withClientPublish(boolean on) {
        return new ChannelPolicy(historySize, historyAge, presence, on, slowConsumer, dataBytes);
    }

    /** The same with another treatment of slow consumers. */
    public ChannelPolicy withSlowConsumer(SlowConsumer treatment) {
        return new ChannelPolicy(historySize, historyAge, presence, clientPublish, treatment, dataBytes);
    }

    /** The same with another limit of a message's data. */
    public ChannelPolicy withDataBytes(int bytes) {
        return new ChannelPolicy(historySize, historyAge, presence, clientPublish, slowConsumer, bytes);
    }
}
