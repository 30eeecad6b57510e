package dev.pushy.examples.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Scanner;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The example as a visitor's browser uses it, over real sockets. */
class ShopTest {
    private static final String SECRET = "a-secret-of-the-test-with-more-than-32-bytes";

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private Shop shop;

    @BeforeEach
    void start() {
        shop = Shop.start(0, SECRET);
    }

    @AfterEach
    void stop() {
        shop.close();
    }

    private HttpResponse<String> ask(String method, String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + shop.port() + path))
                .timeout(Duration.ofSeconds(20))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private InputStream stream(String query) throws IOException, InterruptedException {
        String token = ask("GET", "/token").body().replaceAll(".*\"token\":\"([^\"]+)\".*", "$1");
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + shop.port() + "/push/channels/stream?" + query))
                .header("Authorization", "Bearer " + token)
                .build();
        HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        assertEquals(200, response.statusCode());
        return response.body();
    }

    /** The next line that begins like this; the test's time limit is its deadline. */
    private static String line(Scanner lines, String start) {
        while (lines.hasNextLine()) {
            String line = lines.nextLine();
            if (line.startsWith(start)) {
                return line;
            }
        }
        throw new AssertionError("the stream ended before a line that begins with " + start);
    }

    @Test
    void page_ofTheShop_opensAStreamAtThePrefix() throws Exception {
        HttpResponse<String> page = ask("GET", "/");

        assertEquals(200, page.statusCode());
        assertTrue(page.body().contains("new EventSource('push/channels/stream?'"), page.body());
    }

    @Test
    void order_thatChanges_reachesTheStream() throws Exception {
        try (Scanner lines = new Scanner(stream("channels=orders.*"), "UTF-8")) {
            line(lines, "event: pushy:open");
            assertEquals("1 here", ask("GET", "/visitors").body());

            assertEquals(200, ask("POST", "/orders").statusCode());
            String placed = line(lines, "data: {\"channel\":\"orders.1\"");
            assertEquals(200, ask("POST", "/orders/1/paid").statusCode());
            String paid = line(lines, "data: {\"channel\":\"orders.1\"");

            assertTrue(placed.contains("\"state\":\"new\""), placed);
            assertTrue(paid.contains("\"state\":\"paid\""), paid);
        }
    }

    @Test
    void order_placedWhileAway_isThereOnReturn() throws Exception {
        String cursor;
        try (Scanner lines = new Scanner(stream("channels=orders.*"), "UTF-8")) {
            cursor = line(lines, "id: ").substring("id: ".length());
            line(lines, "event: pushy:open");
        }
        ask("POST", "/orders");

        try (Scanner lines = new Scanner(stream("channels=orders.*&last_event_id=" + cursor), "UTF-8")) {
            assertTrue(line(lines, "data: ").contains("\"order\":1"));
        }
    }

    @Test
    void path_thatIsNotOurs_isAnsweredByTheShop() throws Exception {
        assertEquals(404, ask("POST", "/orders/99/paid").statusCode());
        assertEquals(404, ask("GET", "/push/nothing").statusCode());
        assertEquals(404, ask("GET", "/nothing").statusCode());
    }
}
