package dev.pushy.server;

import dev.pushy.core.ChannelPattern;
import dev.pushy.core.ChannelPolicies;
import dev.pushy.core.ChannelPolicy;
import dev.pushy.core.InvalidChannelException;
import dev.pushy.core.Limits;
import dev.pushy.core.SlowConsumer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Reads the parts of the configuration that bound what a node holds: its limits and its channels' policies. */
final class Bounds {
    private Bounds() {}

    static Limits limits(Settings settings) {
        long backlog = settings.bytes(ConfigKey.BACKLOG);
        long message = settings.bytes(ConfigKey.MESSAGE_BYTES);
        if (backlog < message) {
            settings.fault(
                    "is less than limits.message (" + message
                            + " bytes), so that one message would fill it; raise this or lower that",
                    ConfigKey.BACKLOG);
        }
        return Limits.builder()
                .channelLength(settings.number(ConfigKey.CHANNEL_LENGTH))
                .eventLength(settings.number(ConfigKey.EVENT_LENGTH))
                .jsonDepth(settings.number(ConfigKey.JSON_DEPTH))
                .subscriptions(settings.number(ConfigKey.SUBSCRIPTIONS))
                .patterns(settings.number(ConfigKey.PATTERNS))
                .backlogBytes((int) backlog)
                .clientMessageBytes((int) settings.bytes(ConfigKey.CLIENT_MESSAGE_BYTES))
                .historyMessages(settings.number(ConfigKey.HISTORY_MESSAGES))
                .batch(settings.number(ConfigKey.BATCH))
                .replayPerChannel(settings.number(ConfigKey.REPLAY_PER_CHANNEL))
                .replayTotal(settings.number(ConfigKey.REPLAY_TOTAL))
                .mailbox(settings.number(ConfigKey.MAILBOX))
                .presenceGrace(settings.duration(ConfigKey.PRESENCE_GRACE))
                .flushGap(settings.duration(ConfigKey.FLUSH_GAP))
                .build();
    }

    /** The policies by pattern, the same for every app. */
    static ChannelPolicies policies(Settings settings) {
        ChannelPolicy general = ChannelPolicy.DEFAULT
                .withHistory(settings.number(ConfigKey.HISTORY_COUNT), settings.duration(ConfigKey.HISTORY_AGE))
                .withDataBytes((int) settings.bytes(ConfigKey.MESSAGE_BYTES));
        Map<ChannelPattern, ChannelPolicy> policies = new HashMap<>();
        for (String pattern : settings.names("channels")) {
            ChannelPolicy policy = policy(settings, pattern, general);
            try {
                policies.put(ChannelPattern.of(pattern), policy);
            } catch (InvalidChannelException e) {
                settings.faultAt("channels." + pattern, "is no channel and no pattern: " + e.getMessage());
            }
        }
        return ChannelPolicies.forEveryApp(policies, general);
    }

    private static ChannelPolicy policy(Settings settings, String pattern, ChannelPolicy general) {
        return new ChannelPolicy(
                settings.optional(Integer.class, ConfigKey.POLICY_HISTORY_COUNT, pattern)
                        .orElse(general.historySize()),
                settings.optional(Duration.class, ConfigKey.POLICY_HISTORY_AGE, pattern)
                        .orElse(general.historyAge()),
                settings.yes(ConfigKey.POLICY_PRESENCE, pattern),
                settings.yes(ConfigKey.POLICY_CLIENT_PUBLISH, pattern),
                SlowConsumer.valueOf(settings.text(ConfigKey.POLICY_SLOW_CONSUMER, pattern)
                        .replace('-', '_')
                        .toUpperCase(Locale.ROOT)),
                settings.optional(Long.class, ConfigKey.POLICY_MESSAGE_BYTES, pattern)
                        .map(Long::intValue)
                        .orElse(general.dataBytes()));
    }
}
