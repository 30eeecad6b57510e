package dev.pushy.undertow.pusher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.Channel;
import dev.pushy.core.PushyException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PusherChannelsTest {
    private static final PusherApp APP =
            PusherApp.builder("1").tenant("shop").key("k", "s").build();

    @ParameterizedTest
    @CsvSource({
        "private-encrypted-cache-x, ENCRYPTED_CACHE",
        "private-encrypted-x, ENCRYPTED",
        "private-encrypted-cachex, ENCRYPTED",
        "private-cache-x, PRIVATE_CACHE",
        "private-cachex, PRIVATE",
        "private-encryptedx, PRIVATE",
        "private-, PRIVATE",
        "presence-cache-x, PRESENCE_CACHE",
        "presence-x, PRESENCE",
        "cache-x, CACHE",
        "'#server-to-user-7', USER",
        "private, PUBLIC",
        "privatex, PUBLIC",
        "my-private-x, PUBLIC",
        "foo-cache-x, PUBLIC",
        "Private-x, PUBLIC",
        "x, PUBLIC",
    })
    void kind_isThatOfTheLongestPrefixAtTheBegin(String name, ChannelKind kind) {
        assertEquals(kind, ChannelKind.of(name));
    }

    @Test
    void kinds_areWhatTheTableSays() {
        assertKinds(
                ChannelKind::isAuthorized, "ENCRYPTED_CACHE ENCRYPTED PRIVATE_CACHE PRIVATE PRESENCE_CACHE PRESENCE");
        assertKinds(ChannelKind::hasMembers, "PRESENCE_CACHE PRESENCE");
        assertKinds(ChannelKind::hasCache, "ENCRYPTED_CACHE PRIVATE_CACHE PRESENCE_CACHE CACHE");
        assertKinds(ChannelKind::isEncrypted, "ENCRYPTED_CACHE ENCRYPTED");
    }

    private static void assertKinds(java.util.function.Predicate<ChannelKind> predicate, String names) {
        List<String> kinds = List.of(ChannelKind.values()).stream()
                .filter(predicate)
                .map(ChannelKind::name)
                .toList();
        assertEquals(List.of(names.split(" ")), kinds);
    }

    @Test
    void name_ofAnOrdinaryChannel_isItsOwn() {
        Channel channel = PusherChannels.of(APP, "private-a_b=@,.;-1");
        assertEquals(Channel.of("shop", "private-a_b=@,.;-1"), channel);
        assertEquals("private-a_b=@,.;-1", PusherChannels.name(channel));
    }

    @ParameterizedTest
    @ValueSource(strings = {"7", "a b", "ünïcødé ☃", "#", "a.b/c"})
    void name_ofAUsersChannel_holdsAnyId(String id) {
        Channel channel = PusherChannels.of(APP, "#server-to-user-" + id);
        assertEquals(PusherChannels.toUser(APP, id), channel);
        assertTrue(channel.isReserved());
        assertEquals("#server-to-user-" + id, PusherChannels.name(channel));
        assertFalse(PusherChannels.isOnline(channel));
        assertTrue(PusherChannels.isOnline(PusherChannels.online(APP, id)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "#x", "#server-to-user-", "#user.Nw", "#online.Nw", "a\n", "ü"})
    void name_thatIsNone_isRefused(String name) {
        assertThrows(PushyException.class, () -> PusherChannels.of(APP, name));
    }

    @Test
    void userId_ofTheLongestKind_hasItsChannels() {
        AppLimits limits = AppLimits.DEFAULT;
        PusherApp generous = PusherApp.builder("2")
                .key("k2", "s")
                .limits(new AppLimits(
                        0,
                        limits.dataBytes(),
                        1_000,
                        limits.eventLength(),
                        limits.channelsPerEvent(),
                        limits.eventsPerBatch(),
                        limits.presenceMembers(),
                        1_000,
                        limits.memberBytes(),
                        limits.watchlist(),
                        limits.clientEvents(),
                        limits.activityTimeout(),
                        limits.cacheLife()))
                .build();
        String id = "☃".repeat(PusherChannels.userIdLength(generous));
        assertEquals(id, PusherChannels.online(generous, id).reservedKey());
        assertEquals(
                "#server-to-user-" + id, PusherChannels.name(PusherChannels.of(generous, "#server-to-user-" + id)));
        String longer = "#server-to-user-" + "☃".repeat(980);
        assertThrows(PushyException.class, () -> PusherChannels.of(generous, longer));
    }

    @Test
    void name_asLongAsTheAppAllows_isTaken() {
        assertEquals(200, PusherChannels.of(APP, "x".repeat(200)).name().length());
        assertThrows(PushyException.class, () -> PusherChannels.of(APP, "x".repeat(201)));
    }
}
