package dev.pushy.undertow.pusher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.CloseReason;
import dev.pushy.core.ManualEventLoop;
import dev.pushy.core.Pushy;
import dev.pushy.undertow.protocol.Golden;
import dev.pushy.undertow.protocol.SessionSettings;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sessions of the Pusher protocol on a loop whose time the test has in its hands. */
class PusherSessionTest {
    private static final String SOCKET = "123.456";
    private static final AppFeatures HASTY =
            new AppFeatures(true, false, true, true, false, false, Duration.ofSeconds(30), true);

    private final ManualEventLoop loop = new ManualEventLoop();
    private final Pushy pushy = Pushy.builder().start();
    private PusherApp app =
            PusherApp.builder("1001").key("app-key-01", "app-secret-01").build();
    private Executor workers = Runnable::run;

    @AfterEach
    void close() {
        pushy.close();
    }

    private PusherProtocol protocol() {
        AppRegistry apps = new AppRegistry() {
            @Override
            public Optional<PusherApp> byKey(String key) {
                return app.key(key).map(known -> app);
            }

            @Override
            public Optional<PusherApp> byId(String id) {
                return Optional.of(app);
            }

            @Override
            public Optional<PusherApp> byTenant(String tenant) {
                return Optional.of(app);
            }
        };
        return new PusherProtocol(
                pushy,
                new PusherSettings(apps, new PusherListener() {}, Duration.ofSeconds(30)),
                new SessionSettings(
                        Duration.ofSeconds(5),
                        Duration.ZERO,
                        task -> workers.execute(task),
                        InstantSource.system(),
                        () -> false));
    }

    private FakeSocket open(PusherProtocol protocol, String id) {
        FakeSocket socket = new FakeSocket(protocol, loop, id, "/app/app-key-01", Map.of("protocol", "7"));
        loop.run();
        return socket;
    }

    private FakeSocket open() {
        return open(protocol(), SOCKET);
    }

    private List<String> answers(FakeSocket socket, String text) {
        socket.session().onText(text);
        loop.run();
        return socket.texts();
    }

    private long connections() {
        return pushy.hub().stats().connections().values().stream()
                .mapToLong(Number::longValue)
                .sum();
    }

    /** Each part is what one client sends, and what it is answered, with the signatures that were computed elsewhere. */
    @Test
    void transcripts_ofWholeSessions_areAsAgreed() {
        Golden.read("/dev/pushy/undertow/pusher/pusher-sessions.txt").forEach(this::replay);
    }

    private void replay(String name, String transcript) {
        FakeSocket socket = open();
        List<String> expected = new ArrayList<>();
        List<String> got = new ArrayList<>(socket.texts());
        for (String line : transcript.lines().toList()) {
            String text = line.substring(2);
            if (line.startsWith("> ")) {
                assertEquals(expected, got, name);
                expected.clear();
                got.clear();
                got.addAll(answers(socket, text));
            } else {
                expected.add(text);
            }
        }
        assertEquals(expected, got, name);
        assertNull(socket.closed, name);
        socket.close(CloseReason.CLIENT_GONE);
        loop.run();
    }

    @Test
    void established_hasItsPingsFromTheApp() {
        assertEquals(Duration.ofMinutes(2), open().silence);
    }

    @Test
    void lookUpThatTakesTime_keepsWhatComesMeanwhileWithinBounds() {
        Deque<Runnable> later = new ArrayDeque<>();
        workers = later::add;
        FakeSocket socket = open();
        for (int i = 0; i < 1_024; i++) {
            assertEquals(List.of(), answers(socket, "{\"event\":\"e" + i + "\"}"));
        }
        assertTrue(socket.suspended);
        later.remove().run();
        loop.run();
        assertFalse(socket.suspended);
        List<String> texts = socket.texts();
        assertEquals(1_025, texts.size());
        assertTrue(texts.get(0).startsWith("{\"event\":\"pusher:connection_established\""), texts.get(0));
        assertTrue(texts.get(1_024).contains("e1023"), texts.get(1_024));
    }

    @Test
    void moreThanIsKeptMeanwhile_endsTheConnection() {
        Deque<Runnable> later = new ArrayDeque<>();
        workers = later::add;
        FakeSocket socket = open();
        for (int i = 0; i < 1_025; i++) {
            socket.session().onText("{\"event\":\"e\"}");
        }
        assertNotNull(socket.closed);
        assertEquals(4100, socket.closed.code());
        later.remove().run();
        loop.run();
        assertEquals(1, socket.texts().size());
        assertEquals(0, connections());
    }

    @Test
    void workersThatAreBusy_refuseWith4100() {
        workers = task -> {
            throw new java.util.concurrent.RejectedExecutionException("full");
        };
        FakeSocket socket = open();
        assertNotNull(socket.closed);
        assertEquals(4100, socket.closed.code());
    }

    @Test
    void authorization_thatDoesNotComeInTime_endsTheConnection() {
        app = PusherApp.builder("1")
                .key("app-key-01", "app-secret-01")
                .features(HASTY)
                .build();
        PusherProtocol protocol = protocol();
        FakeSocket idle = open(protocol, "1.1");
        FakeSocket authorized = open(protocol, SOCKET);
        answers(
                authorized,
                "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"private-orders\",\"auth\":"
                        + "\"app-key-01:53086244233a45c9ad8018307d0ebd113e00b8c88f9677edbbd5072428e88ded\"}}");
        loop.advance(29_999);
        assertNull(idle.closed);
        loop.advance(1);
        assertNotNull(idle.closed);
        assertEquals(4009, idle.closed.code());
        loop.advance(3_600_000);
        assertNull(authorized.closed);
    }

    @Test
    void X03_drain_spreadsTheClosesOverTheWindow() {
        PusherProtocol protocol = protocol();
        List<FakeSocket> sockets = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            sockets.add(open(protocol, "1." + i));
            sockets.get(i).texts();
        }
        var drained = pushy.hub().drain(Duration.ofSeconds(10)).toCompletableFuture();
        int before = 0;
        for (int second = 1; second <= 10; second++) {
            loop.advance(1_000);
            int closed = (int)
                    sockets.stream().filter(socket -> socket.closed != null).count();
            int share = closed - before;
            assertTrue(share > 20 && share < 250, share + " closed in second " + second);
            before = closed;
        }
        assertEquals(1_000, before);
        for (FakeSocket socket : sockets) {
            assertEquals(4200, socket.closed.code());
            assertEquals(List.of(PusherMessages.error(PusherError.RECONNECT)), socket.texts());
        }
        assertTrue(drained.isDone());
    }

    @ParameterizedTest
    @EnumSource(CloseReason.class)
    void closeCode_ofAnyReason_isOneThatClientsKnow(CloseReason reason) {
        for (boolean forGood : List.of(true, false)) {
            int code = PusherError.of(reason, forGood).closeCode().code();
            assertTrue((code >= 4000 && code < 4300) || code == 1000 || code == 1011, reason + ": " + code);
        }
    }

    @ParameterizedTest
    @EnumSource(CloseReason.class)
    void end_ofAnyReason_isToldByAnErrorWithTheSameCodeIfItIsOfTheProtocol(CloseReason reason) {
        FakeSocket socket = open();
        socket.texts();
        socket.close(reason);
        assertNotNull(socket.closed);
        int code = socket.closed.code();
        List<String> texts = socket.texts();
        if (code < 4000) {
            assertEquals(List.of(), texts);
        } else {
            assertEquals(1, texts.size());
            assertTrue(texts.get(0).contains("\"code\":" + code + ","), texts.get(0));
        }
        loop.run();
        assertEquals(0, connections());
    }

    @Test
    void closeCodes_ofTheReasonsThatClientsActUpon_areAsAgreed() {
        assertEquals(
                4100,
                PusherError.of(CloseReason.SLOW_CONSUMER, true).closeCode().code());
        assertEquals(4200, PusherError.of(CloseReason.DRAIN, true).closeCode().code());
        assertEquals(
                4201, PusherError.of(CloseReason.UNRESPONSIVE, true).closeCode().code());
        assertEquals(4009, PusherError.of(CloseReason.REVOKED, true).closeCode().code());
        assertEquals(
                1000, PusherError.of(CloseReason.REVOKED, false).closeCode().code());
    }

    /** What a mutation begins with: every request that there is, right and wrong. */
    private static final List<String> FRAMES = List.of(
            "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"room\",\"auth\":\"\"}}",
            "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"cache-room\"}}",
            "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"private-orders\",\"auth\":"
                    + "\"app-key-01:53086244233a45c9ad8018307d0ebd113e00b8c88f9677edbbd5072428e88ded\"}}",
            "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"presence-room\",\"auth\":"
                    + "\"app-key-01:49ee396cb798cc9c4e34b6bcc4733b87d2f7dff70c3c7086543fe861b6878f7a\","
                    + "\"channel_data\":\"{\\\"user_id\\\":\\\"u-42\\\",\\\"user_info\\\":{\\\"name\\\":\\\"Ann\\\"}}\"}}",
            "{\"event\":\"pusher:unsubscribe\",\"data\":{\"channel\":\"room\"}}",
            "{\"event\":\"pusher:unsubscribe\",\"data\":{\"channel\":\"presence-room\"}}",
            "{\"event\":\"pusher:signin\",\"data\":{\"auth\":"
                    + "\"app-key-01:ba9ee637ceb1bdf007e15a866d24d658ee87bfe725fd556b3e27d9fef6643037\",\"user_data\":"
                    + "\"{\\\"id\\\":\\\"u-42\\\",\\\"user_info\\\":{\\\"name\\\":\\\"Ann\\\"},\\\"watchlist\\\":[\\\"u-7\\\"]}\"}}",
            "{\"event\":\"client-x\",\"channel\":\"private-orders\",\"data\":{\"a\":[1,2,{}]}}",
            "{\"event\":\"client-x\",\"channel\":\"presence-room\",\"data\":\"text\",\"user_id\":\"1\"}",
            "{\"event\":\"pusher:ping\",\"data\":{}}",
            "{\"event\":\"pusher:pong\",\"data\":{}}",
            "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"#server-to-user-u-42\"}}");

    private static final String ALPHABET = "{}[]\":,\\u0d8 \ud83d\ude00\ud800é\u0000#*.-_abz19null";

    @Test
    void fuzz_framesMutatedAtRandom_harmNobody() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        PusherProtocol protocol = protocol();
        FakeSocket victim = open(protocol, "9.9");
        answers(victim, "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"victims-room\"}}");
        FakeSocket socket = open(protocol, SOCKET);
        for (int i = 0; i < 30_000; i++) {
            String text = mutate(FRAMES.get(random.nextInt(FRAMES.size())), random);
            try {
                answers(socket, text);
            } catch (RuntimeException | Error escaped) {
                throw new AssertionError("seed " + seed + ", frame " + i + ": " + text, escaped);
            }
            assertNull(socket.closed, () -> "seed " + seed + ": " + text);
        }
        assertEquals(List.of(PusherMessages.PONG), answers(socket, "{\"event\":\"pusher:ping\"}"));
        assertEquals(List.of(PusherMessages.PONG), answers(victim, "{\"event\":\"pusher:ping\"}"));
        assertNull(victim.closed);
    }

    private static String mutate(String text, Random random) {
        StringBuilder out = new StringBuilder(text);
        int changes = random.nextInt(4);
        for (int i = 0; i < changes && out.length() > 0; i++) {
            int at = random.nextInt(out.length());
            char other = ALPHABET.charAt(random.nextInt(ALPHABET.length()));
            switch (random.nextInt(5)) {
                case 0 -> out.setCharAt(at, other);
                case 1 -> out.insert(at, other);
                case 2 -> out.deleteCharAt(at);
                case 3 -> out.setLength(at);
                default -> {
                    int to = Math.min(out.length(), at + random.nextInt(30));
                    out.insert(random.nextInt(out.length()), out.substring(at, to));
                }
            }
        }
        return out.toString();
    }
}
