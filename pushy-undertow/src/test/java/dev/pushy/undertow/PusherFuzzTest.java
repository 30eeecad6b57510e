package dev.pushy.undertow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.undertow.PusherApiTest.Apps;
import dev.pushy.undertow.protocol.RequestException;
import dev.pushy.undertow.pusher.PusherApp;
import dev.pushy.undertow.pusher.SignedRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Requests to the REST API, changed at random: they may be refused, but never break anything. */
class PusherFuzzTest {
    private static final PusherApp APP =
            PusherApp.builder("1001").key("key-1", "secret-1").build();
    private static final Set<String> EXPECTED = Set.of("200", "202", "400", "401", "403", "404", "405", "413", "426");
    private static final List<String> TOKENS = List.of(
            "{",
            "}",
            "[",
            "]",
            "\"",
            "\\",
            ",",
            ":",
            "null",
            "true",
            "-1e9",
            "\\ud800",
            "\\u0000",
            "\"name\":",
            "\"\":{}");
    private static final String[][] REQUESTS = {
        {
            "POST",
            "/apps/1001/events",
            "{\"name\":\"e\",\"channels\":[\"a\",\"presence-b\"],\"data\":\"{\\\"x\\\":1}\",\"info\":\"user_count\"}"
        },
        {
            "POST",
            "/apps/1001/events",
            "{\"name\":\"e\",\"channel\":\"#server-to-user-7\",\"data\":\"x\",\"socket_id\":\"1.2\"}"
        },
        {
            "POST",
            "/apps/1001/batch_events",
            "{\"batch\":[{\"name\":\"e\",\"channel\":\"cache-a\",\"data\":\"x\"},{\"name\":\"f\",\"channel\":\"b\",\"data\":\"\",\"info\":\"user_count\"}]}"
        },
        {"POST", "/apps/1001/channels/a/events", "plain \u2603"},
        {"POST", "/apps/1001/users/u;1/terminate_connections", "{}"},
        {"POST", "/users/u1/terminate_connections", ""},
        {"GET", "/apps/1001/channels", ""},
        {"GET", "/apps/1001/channels/presence-cache-a", ""},
        {"GET", "/apps/1001/channels/presence-a/users", ""},
        {"GET", "/apps/1001/channels/a/stats", ""}
    };
    private static final String[][] PARAMETERS = {
        {"info", "user_count"},
        {"info", "cache,user_count"},
        {"filter_by_prefix", "presence-"},
        {"name", "e"},
        {"channels[]", "x"},
        {"channels[0]", "y"},
        {"socket_id", "1.2"},
        {"data", "a+b c%"},
        {"batch", "1"},
        {"[]", "z"}
    };

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    @Test
    void requestsChangedAtRandom_areAnswered_andNeverByAFault() throws IOException {
        Set<String> seen = new TreeSet<>();
        try (NodeServer server = new NodeServer(node -> node, settings -> settings.apps(new Apps(List.of(APP))))) {
            PusherCaller caller = new PusherCaller(server, "1001", "key-1", "secret-1");
            for (int i = 0; i < 1_500; i++) {
                byte[] request = request(caller);
                String answer = server.raw(request);
                String head = answer.lines().findFirst().orElse("");
                String status = head.startsWith("HTTP/1.1 ") ? head.substring(9, 12) : "none";
                seen.add(status);
                assertTrue(
                        EXPECTED.contains(status),
                        () -> "seed " + seed + ": " + answer + "\nto\n"
                                + new String(request, StandardCharsets.ISO_8859_1));
            }
            assertEquals(200, caller.get("/channels").status());
        }
        assertTrue(seen.containsAll(Set.of("200", "400", "401", "404")), "seed " + seed + ": only " + seen);
    }

    /** A request whose parts were changed before it was signed, or after, or both. */
    private byte[] request(PusherCaller caller) throws IOException {
        String[] base = REQUESTS[random.nextInt(REQUESTS.length)];
        byte[] body = base[2].getBytes(StandardCharsets.UTF_8);
        for (int i = random.nextInt(4); i > 0; i--) {
            body = changed(body);
        }
        Map<String, String> parameters = new TreeMap<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            String[] parameter = PARAMETERS[random.nextInt(PARAMETERS.length)];
            parameters.put(parameter[0], parameter[1]);
        }
        String query = caller.query(base[0], base[1], parameters, body, Instant.now());
        String target = "/push" + base[1] + "?" + query;
        for (int i = random.nextInt(6) - 2; i > 0; i--) {
            target = changedTarget(target);
        }
        if (random.nextInt(10) == 0) {
            body = changed(body);
        }
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.write((base[0] + " " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: "
                        + body.length + "\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1));
        request.write(body);
        return request.toByteArray();
    }

    private byte[] changed(byte[] body) {
        int at = random.nextInt(body.length + 1);
        int to = at + random.nextInt(body.length - at + 1);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(body, 0, at);
        switch (random.nextInt(5)) {
            case 0 -> out.write(random.nextInt(256));
            case 1 -> out.writeBytes(TOKENS.get(random.nextInt(TOKENS.size())).getBytes(StandardCharsets.UTF_8));
            case 2 -> out.write(body, at, body.length - at);
            case 3 -> out.writeBytes("[".repeat(random.nextInt(2_000)).getBytes(StandardCharsets.UTF_8));
            default -> to = Math.min(to, at + 3);
        }
        out.write(body, to, body.length - to);
        return out.toByteArray();
    }

    /** Neither spaces nor ends of lines, which would make it another kind of request. */
    private String changedTarget(String target) {
        StringBuilder out = new StringBuilder(target);
        int mounted = "/push/".length();
        int at = mounted + random.nextInt(out.length() - mounted);
        switch (random.nextInt(4)) {
            case 0 -> out.deleteCharAt(at);
            case 1 -> out.insert(at, "%&=+;/?[]%2f%00%zz%ff".charAt(random.nextInt(21)));
            case 2 -> out.setCharAt(at, (char) (33 + random.nextInt(94)));
            default -> out.insert(at, out.substring(at, Math.min(out.length(), at + random.nextInt(30))));
        }
        return out.toString();
    }

    @Test
    void queriesOfAnyCharacters_areRefused_andNothingElse() {
        for (int i = 0; i < 20_000; i++) {
            StringBuilder query =
                    new StringBuilder("auth_key=key-1&auth_version=1.0&auth_timestamp=1700000000&auth_signature=x");
            for (int j = random.nextInt(30); j > 0; j--) {
                query.insert(
                        random.nextInt(query.length()), (char) random.nextInt(random.nextInt(20) == 0 ? 65_536 : 256));
                query.insert(random.nextInt(query.length()), "&=%[]+".charAt(random.nextInt(6)));
            }
            try {
                SignedRequest request = new SignedRequest("GET", "/x", 0, query.toString());
                request.requireSigned(APP, Instant.ofEpochSecond(1_700_000_000));
                throw new AssertionError("seed " + seed + ": accepted " + query);
            } catch (RequestException e) {
                assertTrue(e.getMessage().lines().count() == 1, "seed " + seed + ": " + e.getMessage());
            }
        }
    }
}
