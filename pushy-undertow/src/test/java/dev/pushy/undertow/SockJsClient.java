package dev.pushy.undertow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pushy.undertow.NodeServer.Answer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.UUID;

/** A session of SockJS over polls, or over a stream once one was opened. Reads what comes in order. */
final class SockJsClient implements AutoCloseable {
    private final NodeServer server;
    private final String session;
    private final String query;
    private final ArrayDeque<String> messages = new ArrayDeque<>();
    private BufferedReader stream;

    /**
     * A session that has not been opened.
     *
     * @param endpoint below the mount
     * @param query of receive requests
     */
    SockJsClient(NodeServer server, String endpoint, String query) {
        this.server = server;
        this.session = endpoint + "/" + (System.nanoTime() % 1_000) + "/"
                + UUID.randomUUID().toString().substring(0, 8);
        this.query = query;
    }

    String session() {
        return session;
    }

    /** Polls once. */
    String poll(String... headers) {
        Answer answer = server.post(session + "/xhr" + query, "", headers);
        assertEquals(200, answer.status(), answer::toString);
        return answer.body().strip();
    }

    /** Opens a stream, which may take over from another one. */
    SockJsClient stream(String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.url(session + "/xhr_streaming" + query)))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.noBody());
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        try {
            HttpResponse<java.io.InputStream> response =
                    server.http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            assertEquals(200, response.statusCode());
            stream = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
            assertEquals("h".repeat(2_048), stream.readLine());
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The next frame. */
    String frame() {
        try {
            String frame = stream == null ? poll() : stream.readLine();
            assertTrue(frame != null, "the stream has ended");
            return frame;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    SockJsClient opened() {
        assertEquals("o", frame());
        return this;
    }

    /** The next message as JSON; heartbeats are passed over. */
    JsonNode next() {
        while (messages.isEmpty()) {
            String frame = frame();
            if (!frame.equals("h")) {
                assertEquals('a', frame.charAt(0), frame);
                NodeServer.json(frame.substring(1)).forEach(message -> messages.add(message.textValue()));
            }
        }
        return NodeServer.json(messages.remove());
    }

    /** The next message, whose member {@code name} must have this value. */
    JsonNode next(String name, String value) {
        JsonNode message = next();
        assertEquals(value, message.path(name).asText(), message::toString);
        return message;
    }

    SockJsClient send(String text) {
        assertEquals(204, sendRaw("[" + PusherSocket.json(text) + "]").status());
        return this;
    }

    Answer sendRaw(String body, String... headers) {
        return server.post(session + "/xhr_send", body, headers);
    }

    /** Goes away without a word. */
    @Override
    public void close() {
        try {
            if (stream != null) {
                stream.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
