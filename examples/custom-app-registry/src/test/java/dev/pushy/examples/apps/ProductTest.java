package dev.pushy.examples.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.pusher.rest.Pusher;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The example as its customers use it, over real sockets; they trigger events with pusher-http-java. */
class ProductTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Pattern KEY = Pattern.compile("\\{\"key\":\"(\\w+)\",\"secret\":\"(\\w+)\"}");

    private final HttpClient client = HttpClient.newHttpClient();
    private Product product;

    @BeforeEach
    void start() {
        product = Product.start(0, 0);
    }

    @AfterEach
    void stop() {
        product.close();
    }

    private HttpResponse<String> admin(String method, String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + product.adminPort() + path))
                .timeout(PATIENCE)
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    /** What a customer is told: the id, and pairs of key and secret. */
    private record Told(String id, List<String[]> keys) {
        static Told of(HttpResponse<String> response) {
            assertEquals(200, response.statusCode());
            List<String[]> keys = new ArrayList<>();
            Matcher key = KEY.matcher(response.body());
            while (key.find()) {
                keys.add(new String[] {key.group(1), key.group(2)});
            }
            return new Told(response.body().replaceAll("\\{\"id\":\"(\\d+)\".*", "$1"), keys);
        }
    }

    private Told signUp(String name) throws IOException, InterruptedException {
        return Told.of(admin("POST", "/customers?name=" + name));
    }

    private int trigger(Told customer, int key, String data) {
        Pusher pusher = new Pusher(
                customer.id(), customer.keys().get(key)[0], customer.keys().get(key)[1]);
        pusher.setHost("127.0.0.1:" + product.port());
        return pusher.trigger("news", "told", data).getHttpStatus();
    }

    /** One client; its texts as they come, then the close code. */
    private final class Ear implements WebSocket.Listener {
        private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        private final StringBuilder text = new StringBuilder();
        private final WebSocket socket;

        Ear(Told customer, int key) {
            socket = client.newWebSocketBuilder()
                    .buildAsync(
                            URI.create("ws://127.0.0.1:" + product.port() + "/app/"
                                    + customer.keys().get(key)[0] + "?protocol=7"),
                            this)
                    .join();
        }

        Ear subscribed() throws InterruptedException {
            next("connection_established");
            socket.sendText("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"news\"}}", true);
            next("subscription_succeeded");
            return this;
        }

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                heard.add(text.toString());
                text.setLength(0);
            }
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            heard.add("closed " + code);
            return null;
        }

        /** The next that came, which must be about this. */
        void next(String about) throws InterruptedException {
            String one = heard.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertEquals(true, one != null && one.contains(about), about + " was expected, there was " + one);
        }
    }

    @Test
    void customer_whoWasTakenIn_hearsItsOwnEventsAlone() throws Exception {
        Told acme = signUp("acme");
        Told other = signUp("other");
        assertNotEquals(acme.id(), other.id());
        Ear ear = new Ear(acme, 0).subscribed();

        assertEquals(200, trigger(other, 0, "of the other"));
        assertEquals(200, trigger(acme, 0, "our own"));

        ear.next("our own");
    }

    @Test
    void key_thatWasAdded_isGoodBesideTheFirst() throws Exception {
        signUp("acme");
        Told acme = Told.of(admin("POST", "/customers/keys?name=acme"));
        assertEquals(2, acme.keys().size());
        Ear ear = new Ear(acme, 1).subscribed();

        for (int key = 0; key < 2; key++) {
            assertEquals(200, trigger(acme, key, "by key " + key));
            ear.next("by key " + key);
        }
    }

    @Test
    void trial_thatHasItsConnections_getsMoreWithAnUpgrade() throws Exception {
        Told acme = signUp("acme");
        new Ear(acme, 0).subscribed();
        new Ear(acme, 0).subscribed();
        Ear third = new Ear(acme, 0);
        third.next("pusher:error");
        third.next("closed 4004");

        assertEquals(200, admin("POST", "/customers/upgrade?name=acme").statusCode());

        new Ear(acme, 0).subscribed();
    }

    @Test
    void customer_whoLeft_isUnknown() throws Exception {
        Told acme = signUp("acme");

        assertEquals(204, admin("DELETE", "/customers?name=acme").statusCode());

        Ear late = new Ear(acme, 0);
        late.next("pusher:error");
        late.next("closed 4001");
        assertEquals(404, trigger(acme, 0, "x"));
        assertEquals(404, admin("DELETE", "/customers?name=acme").statusCode());
    }

    @Test
    void administration_ofWhatCannotBe_isRefused() throws Exception {
        signUp("acme");

        assertEquals(409, admin("POST", "/customers?name=acme").statusCode());
        assertEquals(400, admin("POST", "/customers?name=A%22").statusCode());
        assertEquals(404, admin("POST", "/customers/keys?name=nobody").statusCode());
        assertEquals(405, admin("GET", "/customers?name=acme").statusCode());
    }
}
