package dev.pushy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.pusher.client.PusherOptions;
import com.pusher.rest.Pusher;
import com.pusher.rest.data.Event;
import com.pusher.rest.data.Result;
import dev.pushy.core.contract.Await;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Pusher's Java libraries as they are in the registry, pusher-java-client and pusher-http-java, against the packaged server.
 * The ids are those of the behaviours that they show.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PusherJavaClientsIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String masterKey = masterKey();
    private final Pusher library =
            new Pusher(AppsServer.MAIN.id(), AppsServer.MAIN.key(), AppsServer.MAIN.secret(), masterKey);
    private PusherApplication application;
    private AppsServer server;

    private static String masterKey() {
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        return Base64.getEncoder().encodeToString(key);
    }

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        application = new PusherApplication(library);
        server = AppsServer.start(folder, application.webhook());
        library.setHost("127.0.0.1:" + server.port());
        library.setEncrypted(false);
    }

    @AfterAll
    void stop() throws Exception {
        library.close();
        if (application != null) {
            application.close();
        }
        if (server != null) {
            server.close();
        }
    }

    private JavaPusher client(String user) throws InterruptedException {
        return new JavaPusher(server.port(), AppsServer.MAIN.key(), application, user);
    }

    private static String succeeded(Result result) {
        assertEquals(Result.Status.SUCCESS, result.getStatus(), result.getMessage());
        return result.getMessage();
    }

    private String get(String path, Map<String, String> parameters) {
        return succeeded(library.get(path, parameters));
    }

    /** S01, S08, S13, K01: each kind of channel is subscribed to, heard, and left. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "room",
                "private-room",
                "presence-room",
                "cache-room",
                "private-cache-room",
                "presence-cache-room"
            })
    void S01_channelOfEachKind_isHeardUntilItIsLeft(String channel) throws Exception {
        try (JavaPusher ann = client("ann")) {
            ann.subscribed(channel);
            if (channel.contains("cache-")) {
                ann.await(channel + ": pusher:cache_miss {}");
            }
            succeeded(library.trigger(channel, "said", Map.of("text", "é 🎈 <&=")));
            ann.await(channel + ": said {\"text\":\"é 🎈 <&=\"}");
            succeeded(library.trigger(List.of(channel), "said", "not to her", ann.socketId()));

            ann.subscribed("barrier");
            ann.unsubscribe(channel);
            // What comes after it shows that this has been read.
            ann.subscribed("barrier-2");
            succeeded(library.trigger(channel, "said", "late"));
            succeeded(library.trigger("barrier-2", "last", 1));
            ann.await("barrier-2: last 1");
            assertEquals(1, ann.about(": said").size(), ann.about(": said").toString());
            assertEquals(List.of(), ann.about("error"));
        }
    }

    /** X01: encrypted by either server library, decrypted by the client, the server knowing nothing of it. */
    @ParameterizedTest
    @ValueSource(strings = {"private-encrypted-safe", "private-encrypted-cache-safe"})
    void X01_encryptedByEitherLibrary_isDecrypted(String channel) throws Exception {
        try (JavaPusher ann = client("ann")) {
            ann.subscribed(channel);
            succeeded(library.trigger(channel, "said", Map.of("by", "Java")));
            ann.await(channel + ": said {\"by\":\"Java\"}");
            Map<String, Object> options = Map.of(
                    "appId", AppsServer.MAIN.id(),
                    "key", AppsServer.MAIN.key(),
                    "secret", AppsServer.MAIN.secret(),
                    "host", "127.0.0.1",
                    "port", server.port(),
                    "encryptionMasterKeyBase64", masterKey);
            Map<String, Object> told =
                    Map.of("server", options, "event", List.of(channel, "said", Map.of("by", "Node")));
            Command.run(JavaScriptClientsIT.scripts(), "node", "pusher/trigger.mjs", JSON.writeValueAsString(told));
            ann.await(channel + ": said {\"by\":\"Node\"}");
            if (channel.contains("cache-")) {
                ann.await(channel + ": pusher:cache_miss {}");
            }
            // The counts of subscribers, which this app tells, would not be decrypted.
            try (JavaPusher bob = client("bob")) {
                bob.subscribed(channel);
                succeeded(library.trigger(channel, "said", "last"));
                bob.await(channel + ": said \"last\"");
                ann.await(channel + ": said \"last\"");
                assertEquals(List.of(), ann.about("not "));
                assertEquals(List.of(), bob.about("not "));
            }
        }
    }

    /** P02 to P04: the other members, each once, however many connections they have. */
    @Test
    void P03_userWithTwoConnections_isOneMember() throws Exception {
        String room = "presence-java";
        try (JavaPusher ann = client("ann")) {
            ann.subscribed(room).await(room + " has ann");
            JavaPusher bob = client("bob");
            bob.subscribed(room).await(room + " has ann, bob");
            ann.await(room + " is joined by bob {\"name\":\"It is bob\"}");
            try (JavaPusher tab = client("bob")) {
                tab.subscribed(room).await(room + " has ann, bob");
                bob.close();
                bob.await("connection DISCONNECTED");
                Await.until(
                        () -> get("/channels/" + room, Map.of("info", "subscription_count"))
                                .contains("\"subscription_count\":2"),
                        () -> "the server still counts the first connection");
                succeeded(library.trigger(room, "between", 1));
                ann.await(room + ": between 1");
            }
            ann.await(room + " is left by bob");
            List<String> story = ann.about(room).stream()
                    .filter(line -> !line.startsWith("subscribed ") && !line.contains(" has "))
                    .toList();
            assertEquals(
                    List.of(
                            room + " is joined by bob {\"name\":\"It is bob\"}",
                            room + ": between 1",
                            room + " is left by bob"),
                    story);
        }
    }

    /** E01 to E03: as a string whatever it is, with its sender where there are members. */
    @ParameterizedTest
    @ValueSource(strings = {"private-talk", "presence-talk"})
    void E02_clientEvent_comesToTheOthersAsItWasSent(String channel) throws Exception {
        try (JavaPusher ann = client("ann");
                JavaPusher bob = client("bob")) {
            ann.subscribed(channel);
            bob.subscribed(channel);
            ann.trigger(channel, "client-typing", "{ \"on\":true}");
            ann.trigger(channel, "client-typing", "no JSON");
            String sender = channel.startsWith("presence-") ? " from ann" : "";
            bob.await(channel + ": client-typing { \"on\":true}" + sender);
            bob.await(channel + ": client-typing no JSON" + sender);
            succeeded(library.trigger(channel, "last", 1));
            ann.await(channel + ": last 1");
            assertEquals(List.of(), ann.about("client-typing"));
        }
    }

    /** U01, U06, U10: a user is signed in, reached, and sent away for good. */
    @Test
    void U06_signedInUser_isReachedAndTerminated() throws Exception {
        try (JavaPusher ann = client("ann");
                JavaPusher tab = client("ann");
                JavaPusher member = client("ann")) {
            ann.signIn();
            tab.signIn();
            member.subscribed("presence-terminated");
            for (JavaPusher one : List.of(ann, tab)) {
                // The id is known before the channel of the user stands.
                Await.until(
                        () -> {
                            succeeded(
                                    library.post(
                                            "/events",
                                            "{\"name\":\"notice\",\"channels\":[\"#server-to-user-ann\"],\"data\":\"{\\\"n\\\":1}\"}"));
                            return !one.about("for user: notice {\"n\":1}").isEmpty();
                        },
                        () -> "no notice for ann");
            }
            assertEquals("{}", succeeded(library.post("/users/ann/terminate_connections", "")));
            ann.await("connection DISCONNECTED");
            tab.await("connection DISCONNECTED");
            assertEquals(1, ann.about("error 4009").size(), ann.about("error").toString());
            succeeded(library.trigger("presence-terminated", "still", 1));
            member.await("presence-terminated: still 1");
            assertEquals(List.of(), member.about("DISCONNECTED"));
        }
    }

    /** R07 to R19: what the server library can ask. */
    @Test
    void R19_serverLibrary_isAnswered() throws Exception {
        String lobby = "presence-asked";
        try (JavaPusher ann = client("ann");
                JavaPusher bob = client("bob")) {
            ann.subscribed(lobby).subscribed("asked");
            bob.subscribed(lobby).subscribed("asked");
            assertEquals("{}", succeeded(library.trigger(List.of(lobby, "asked"), "all", Map.of("n", 1))));
            List<Event> batch = IntStream.range(0, 10)
                    .mapToObj(n -> new Event("asked", "numbered", n, n == 4 ? ann.socketId() : null))
                    .toList();
            assertEquals("{}", succeeded(library.trigger(batch)));
            bob.await("asked: numbered 9");
            ann.await("asked: numbered 9");
            List<String> heard =
                    IntStream.range(0, 10).mapToObj(n -> "asked: numbered " + n).toList();
            assertEquals(heard, bob.about("numbered"));
            assertEquals(heard.stream().filter(line -> !line.endsWith("4")).toList(), ann.about("numbered"));

            Map<String, String> counted = Map.of("filter_by_prefix", "presence-ask", "info", "user_count");
            assertEquals("{\"channels\":{\"" + lobby + "\":{\"user_count\":2}}}", get("/channels", counted));
            assertEquals("{\"occupied\":false}", get("/channels/nobody", Map.of()));
            assertTrue(
                    get("/channels/asked", Map.of("info", "subscription_count")).contains("\"subscription_count\":2"));
            assertEquals(
                    Set.of("ann", "bob"),
                    Set.copyOf(JSON.readTree(get("/channels/" + lobby + "/users", Map.of()))
                            .findValuesAsText("id")));
            assertEquals(
                    Result.Status.CLIENT_ERROR,
                    library.get("/channels/asked/users").getStatus());
        }
    }

    /** R02: a wrong secret is refused as such. */
    @Test
    @SuppressWarnings("try")
    void R02_wrongSecret_isAnAuthenticationError() throws Exception {
        try (Pusher forger = new Pusher(AppsServer.MAIN.id(), AppsServer.MAIN.key(), "guessed")) {
            forger.setHost("127.0.0.1:" + server.port());
            forger.setEncrypted(false);
            assertEquals(
                    Result.Status.AUTHENTICATION_ERROR,
                    forger.trigger("room", "said", 1).getStatus());
        }
    }

    /** W01, W03, W05: what webhooks tell is found valid by the library. */
    @Test
    void W01_webhooks_areValid() throws Exception {
        String channel = "presence-told-java";
        try (JavaPusher ann = client("ann");
                JavaPusher bob = client("bob")) {
            ann.subscribed(channel);
            bob.subscribed(channel);
            ann.trigger(channel, "client-waves", "{\"to\":\"bob\"}");
            bob.await(channel + ": client-waves {\"to\":\"bob\"} from ann");
        }
        List<String> expected = List.of(
                "channel_occupied",
                "member_added",
                "member_added",
                "client_event",
                "member_removed",
                "member_removed",
                "channel_vacated");
        Await.until(() -> names(channel).size() >= expected.size(), () -> "webhooks: " + application.valid());
        assertEquals(expected, names(channel));
        assertEquals(List.of(), application.invalid());
    }

    private List<String> names(String channel) {
        return application.valid().stream()
                .flatMap(body -> events(body).stream())
                .filter(event -> channel.equals(event.get("channel")))
                .map(event -> event.get("name"))
                .toList();
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, String>> events(String body) {
        try {
            return (List<Map<String, String>>) JSON.readValue(body, Map.class).get("events");
        } catch (java.io.IOException e) {
            throw new AssertionError(body, e);
        }
    }

    /** C04: a key that no app has ends the client's tries. */
    @Test
    void C04_unknownKey_disconnectsForGood() throws Exception {
        try (JavaPusher client = new JavaPusher(server.port(), "no-such-key", application, "ann")) {
            client.await("connection DISCONNECTED");
            assertEquals(1, client.about("error 4001").size(), client.about("").toString());
            assertEquals(List.of(), client.about("RECONNECTING"));
        }
    }

    /** X02: idle for several times what either side waits before it asks whether the other is there. */
    @Test
    void X02_idleClient_staysConnected() throws Exception {
        PusherOptions impatient = new PusherOptions().setActivityTimeout(1_000).setPongTimeout(2_000);
        try (JavaPusher client = new JavaPusher(server.port(), AppsServer.QUICK.key(), application, "ann", impatient)) {
            client.await("connection CONNECTED");
            assertFalse(
                    client.hears(
                            line -> line.equals("connection DISCONNECTED") || line.startsWith("error"),
                            Duration.ofSeconds(8)),
                    () -> client.about("").toString());
        }
    }

    /** C19: the client comes back to the server that took the place of the one that went, with all its channels. */
    @Test
    void C19_restartedServer_isFoundAgain() throws Exception {
        List<String> channels = List.of("again", "private-again", "presence-again", "private-encrypted-again");
        try (JavaPusher ann = client("ann")) {
            for (String channel : channels) {
                ann.subscribed(channel);
            }
            String first = ann.socketId();
            server.restart();
            ann.await("connection CONNECTED", 2);
            for (String channel : channels) {
                ann.await("subscribed " + channel, 2);
                succeeded(library.trigger(channel, "back", Map.of("n", 1)));
                ann.await(channel + ": back {\"n\":1}");
            }
            assertFalse(ann.socketId().equals(first));
        }
    }
}
