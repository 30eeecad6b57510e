package dev.pushy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pushy.core.contract.Await;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Asks a node as its publisher and as its clients do. */
final class NodeClient {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final int port;
    private final String[] publisher;
    private final HttpClient client = HttpClient.newHttpClient();

    /** Of a node in development mode. */
    NodeClient(int port) {
        this(port, SampleCredentials.CLIENT_ID, SampleCredentials.CLIENT_SECRET);
    }

    NodeClient(int port, String publisherId, String publisherSecret) {
        this.port = port;
        this.publisher = new String[] {"X-Client-ID", publisherId, "X-Client-Secret", publisherSecret};
    }

    URI uri(String target) {
        return URI.create("http://127.0.0.1:" + port + target);
    }

    /** Asks as the publisher. */
    HttpResponse<String> get(String target) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(uri(target)));
    }

    /** Posts as the publisher. */
    HttpResponse<String> post(String target, String body) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(uri(target))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(
                request.headers(publisher).timeout(Await.PATIENCE).build(), HttpResponse.BodyHandlers.ofString());
    }

    /** A request of the publisher whose answer is good. */
    JsonNode ask(String target) throws IOException, InterruptedException {
        HttpResponse<String> answer = get(target);
        assertEquals(200, answer.statusCode(), answer::body);
        return JSON.readTree(answer.body());
    }

    HttpResponse<String> publish(String channel, String data) throws IOException, InterruptedException {
        return post("/publish/" + channel, "{\"data\":" + data + "}");
    }

    String token(String subject, String... channels) throws IOException, InterruptedException {
        String list = Arrays.stream(channels).map(name -> '"' + name + '"').collect(Collectors.joining(","));
        HttpResponse<String> answer = post("/token", "{\"sub\":\"" + subject + "\",\"channels\":[" + list + "]}");
        assertEquals(200, answer.statusCode(), answer::body);
        return JSON.readTree(answer.body()).get("token").asText();
    }

    /** A stream that is open. */
    EventStream stream(String token) throws InterruptedException {
        EventStream stream = streamAfter(token, "");
        stream.until("event: pushy:open");
        return stream;
    }

    /** A stream of a client that comes back with this cursor, or that has none. */
    EventStream streamAfter(String token, String cursor) {
        return EventStream.open(client, uri("/channels/stream?token=" + token), cursor);
    }

    /** A WebSocket that is open and hears a channel. */
    TextSocket webSocket(String token, String channel) throws InterruptedException {
        URI uri = URI.create(uri("/channels/ws?channels=" + channel + "&token=" + token)
                .toString()
                .replace("http:", "ws:"));
        TextSocket socket = TextSocket.open(client, uri);
        socket.until("\"type\":\"open\"");
        return socket;
    }

    /** How the node does by its own account, and with which status it says so. */
    JsonNode readiness(int status) throws IOException, InterruptedException {
        HttpResponse<String> answer = get("/health/ready");
        assertEquals(status, answer.statusCode(), answer::body);
        return JSON.readTree(answer.body());
    }

    /** Waits until readiness is answered with this status. */
    void awaitReadiness(int status) {
        awaitAnswer("/health/ready", status, "");
    }

    /** Waits until metrics have this line. */
    void awaitMetric(String line) {
        awaitAnswer("/metrics", 200, line);
    }

    /** Waits until the path is answered with the status and something that holds the text. */
    void awaitAnswer(String target, int status, String text) {
        String[] last = {""};
        Await.until(
                () -> {
                    try {
                        HttpResponse<String> answer = get(target);
                        last[0] = answer.statusCode() + " " + answer.body();
                        return answer.statusCode() == status && answer.body().contains(text);
                    } catch (IOException e) {
                        last[0] = e.toString();
                        return false;
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                },
                () -> target + " answers " + status + " with " + text + "; the last answer was " + last[0]);
    }
}
