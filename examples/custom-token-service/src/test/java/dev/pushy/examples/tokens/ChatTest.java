package dev.pushy.examples.tokens;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The example as a browser uses it, over real sockets. */
class ChatTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final HttpClient client = HttpClient.newHttpClient();
    private Chat chat;

    @BeforeEach
    void start() {
        chat = Chat.start(0);
    }

    @AfterEach
    void stop() {
        chat.close();
    }

    private String base() {
        return "127.0.0.1:" + chat.port();
    }

    private HttpResponse<String> ask(String method, String path, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://" + base() + path))
                .timeout(PATIENCE)
                .method(method, HttpRequest.BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private String logIn(String user) throws IOException, InterruptedException {
        HttpResponse<String> response = ask("POST", "/login?user=" + user);
        assertEquals(204, response.statusCode());
        String cookie = response.headers().firstValue("Set-Cookie").orElseThrow();
        assertTrue(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), cookie);
        return cookie.substring(0, cookie.indexOf(';'));
    }

    /** Texts as they come, then the close code. */
    private static final class Ear implements WebSocket.Listener {
        final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                heard.add(text.toString());
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            heard.add("closed " + code);
            return null;
        }

        String next(String with) throws InterruptedException {
            for (String one = poll(); ; one = poll()) {
                if (one.contains(with)) {
                    return one;
                }
            }
        }

        private String poll() throws InterruptedException {
            String one = heard.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (one == null) {
                throw new AssertionError("nothing came within " + PATIENCE);
            }
            return one;
        }
    }

    private WebSocket connect(Ear ear, String cookie, String origin, String channel) {
        return client.newWebSocketBuilder()
                .header("Cookie", cookie)
                .header("Origin", origin)
                .buildAsync(URI.create("ws://" + base() + "/push/channels/ws?channels=" + channel), ear)
                .join();
    }

    @Test
    void session_isAToken_andEndsWithTheLogOut() throws Exception {
        String cookie = logIn("ann");
        Ear ear = new Ear();
        WebSocket socket = connect(ear, cookie, "http://" + base(), "room");
        ear.next("\"type\":\"open\"");

        socket.sendText("{\"type\":\"publish\",\"channel\":\"room\",\"data\":{\"text\":\"hello\"}}", true);
        assertTrue(ear.next("\"type\":\"message\"").contains("hello"));

        assertEquals(204, ask("POST", "/logout", "Cookie", cookie).statusCode());
        ear.next("closed 4403");
        Ear again = new Ear();
        connect(again, cookie, "http://" + base(), "room");
        again.next("closed 4401");
    }

    @Test
    void session_forAnothersChannel_isRefused() throws Exception {
        Ear ear = new Ear();
        connect(ear, logIn("ann"), "http://" + base(), "user.bob");

        ear.next("closed 4403");
    }

    @Test
    void cookie_fromAPageOfAnotherSite_doesNotCount() throws Exception {
        Ear ear = new Ear();
        connect(ear, logIn("ann"), "http://evil.example", "room");

        ear.next("closed 4401");
    }

    @Test
    void token_thatIsNoSession_isRefused() throws Exception {
        HttpResponse<String> response =
                ask("GET", "/push/channels/stream?channels=room", "Authorization", "Bearer made-up");

        assertEquals(401, response.statusCode());
        assertTrue(response.body().contains("log in"), response.body());
    }

    @Test
    void page_ofTheChat_opensAWebSocketAtThePrefix() throws Exception {
        assertTrue(ask("GET", "/").body().contains("/push/channels/ws"));
    }
}
