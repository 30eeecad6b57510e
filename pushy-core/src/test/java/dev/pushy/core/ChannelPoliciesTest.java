package dev.pushy.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChannelPoliciesTest {

    @ParameterizedTest
    @CsvSource({
        "news, **",
        "news.sports, news.sports",
        "news.politics, news.*",
        "news.politics.today, news.**",
        "other.sports, *.sports",
        "other.sports.f1, **",
        "news.sports.f1, news.*.f1",
        "news.sports.f2, news.**",
    })
    void of_severalMatching_isTheMostSpecific(String channel, String pattern) {
        Map<ChannelPattern, ChannelPolicy> policies = new LinkedHashMap<>();
        for (String text : List.of("**", "*.sports", "news.**", "news.*", "news.*.f1", "news.sports")) {
            policies.put(ChannelPattern.of(text), named(text));
        }
        assertEquals(named(pattern), new ChannelPolicies(policies, ChannelPolicy.DEFAULT).of(Channel.of(channel)));
    }

    @Test
    void of_noneMatching_isTheFallback() {
        ChannelPolicies policies =
                new ChannelPolicies(Map.of(ChannelPattern.of("a"), named("a")), ChannelPolicy.DEFAULT);
        assertEquals(ChannelPolicy.DEFAULT, policies.of(Channel.of("b")));
        assertEquals(ChannelPolicy.DEFAULT, policies.of(Channel.of("other", "a")));
        assertEquals(named("x"), ChannelPolicies.all(named("x")).of(Channel.of("b")));
    }

    @Test
    void forEveryApp_channelOfAnyApp_hasThePolicyOfItsName() {
        ChannelPolicies policies = ChannelPolicies.forEveryApp(
                Map.of(ChannelPattern.of("a"), named("a"), ChannelPattern.of("b.*"), named("b")),
                ChannelPolicy.DEFAULT);
        for (String app : List.of(Channel.DEFAULT_APP, "other")) {
            assertEquals(named("a"), policies.of(Channel.of(app, "a")));
            assertEquals(named("b"), policies.of(Channel.of(app, "b.1")));
            assertEquals(ChannelPolicy.DEFAULT, policies.of(Channel.of(app, "c")));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "presence-a, true",
        "presence-cache-a, true",
        "presence-, true",
        "presence, false",
        "my-presence-a, false",
        "Presence-a, false",
    })
    void of_nameThatAsksForMembers_hasPresenceWhateverItsPolicySays(String channel, boolean presence) {
        ChannelPolicy off = named(channel).withPresence(false);
        for (ChannelPolicies policies : List.of(
                ChannelPolicies.all(off),
                new ChannelPolicies(Map.of(ChannelPattern.of(channel), off), ChannelPolicy.DEFAULT),
                ChannelPolicies.forEveryApp(Map.of(ChannelPattern.of("*"), off), ChannelPolicy.DEFAULT))) {
            assertEquals(off.withPresence(presence), policies.of(Channel.of(channel)));
        }
    }

    @Test
    void longestHistory_ofSeveral_isTheLongest() {
        ChannelPolicy fallback = ChannelPolicy.DEFAULT.withHistory(1, Duration.ofMinutes(1));
        ChannelPolicy longer = ChannelPolicy.DEFAULT.withHistory(1, Duration.ofHours(2));
        assertEquals(Duration.ofMinutes(1), ChannelPolicies.all(fallback).longestHistory());
        assertEquals(
                Duration.ofHours(2),
                new ChannelPolicies(Map.of(ChannelPattern.of("a"), longer), fallback).longestHistory());
    }

    @Test
    void policy_impossibleValues_areRefused() {
        ChannelPolicy policy = ChannelPolicy.DEFAULT;
        assertThrows(IllegalArgumentException.class, () -> policy.withHistory(-1, Duration.ZERO));
        assertThrows(IllegalArgumentException.class, () -> policy.withHistory(1, Duration.ofSeconds(-1)));
        assertThrows(IllegalArgumentException.class, () -> policy.withDataBytes(0));
    }

    private static ChannelPolicy named(String text) {
        return ChannelPolicy.DEFAULT.withDataBytes(1 + (text.hashCode() & 0xFFFFF));
    }
}
