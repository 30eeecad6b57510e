package dev.pushy.undertow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;

/**
 * A client of the Pusher protocol on a socket of its own: nothing is answered that the test does not answer. Reads wait with
 * a deadline.
 */
final class PusherSocket implements AutoCloseable {
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final Set<String> KEYS = Set.of("event", "channel", "data", "user_id");

    private static final String COUNT = "pusher_internal:subscription_count";
    private static final int NONE = -1;

    private final Socket socket;
    private final InputStream in;
    private String id = "";
    private int lastCount = NONE;
    final String head;

    /** A frame of the server. */
    record Frame(int opcode, byte[] payload) {
        String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }

        boolean isPing() {
            return opcode == PING;
        }

        boolean isPong() {
            return opcode == PONG;
        }

        boolean isClose() {
            return opcode == CLOSE;
        }

        int code() {
            return (payload[0] & 0xFF) << 8 | (payload[1] & 0xFF);
        }

        String reason() {
            return new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8);
        }
    }

    private PusherSocket(int port, String target, String headers) {
        try {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(15_000);
            in = socket.getInputStream();
            String request = "GET " + target
                    + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + headers + "\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            head = readHead();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String readHead() throws IOException {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        while (!read.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            int octet = in.read();
            if (octet < 0) {
                throw new IOException("ended in the head: " + read);
            }
            read.write(octet);
        }
        return read.toString(StandardCharsets.ISO_8859_1);
    }

    /** Opens a WebSocket at a path below the mount, with header lines of its own. */
    static PusherSocket open(NodeServer server, String target, String... headers) {
        StringBuilder lines = new StringBuilder();
        for (String header : headers) {
            lines.append(header).append("\r\n");
        }
        PusherSocket opened = new PusherSocket(server.port(), "/push" + target, lines.toString());
        assertTrue(opened.head.startsWith("HTTP/1.1 101 "), opened.head);
        return opened;
    }

    /** A connection that has been established for the app of this key. */
    static PusherSocket connect(NodeServer server, String key) {
        return open(server, "/app/" + key + "?protocol=7&client=js&version=8.6.0&flash=false")
                .established();
    }

    PusherSocket established() {
        id = data(next("pusher:connection_established")).get("socket_id").asText();
        return this;
    }

    String id() {
        return id;
    }

    PusherSocket send(String text) {
        sendFrame(TEXT, text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    void sendBinary(byte[] bytes) {
        sendFrame(BINARY, bytes);
    }

    void ping(String payload) {
        sendFrame(PING, payload.getBytes(StandardCharsets.UTF_8));
    }

    void pong(byte[] payload) {
        sendFrame(PONG, payload);
    }

    private void sendFrame(int opcode, byte[] payload) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(0x80 | opcode);
        int wide = payload.length > 0xFFFF ? 8 : payload.length > 125 ? 2 : 0;
        out.write(0x80 | (wide == 0 ? payload.length : wide == 2 ? 126 : 127));
        for (int i = wide - 1; i >= 0; i--) {
            out.write((int) ((long) payload.length >> (i * 8)));
        }
        byte[] mask = {1, 2, 3, 4};
        out.writeBytes(mask);
        for (int i = 0; i < payload.length; i++) {
            out.write(payload[i] ^ mask[i & 3]);
        }
        try {
            socket.getOutputStream().write(out.toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The next frame of any kind. */
    Frame frame() {
        try {
            int opcode = octet() & 0x0F;
            long length = octet();
            int wide = length == 126 ? 2 : length == 127 ? 8 : 0;
            if (wide > 0) {
                length = 0;
                for (int i = 0; i < wide; i++) {
                    length = length << 8 | octet();
                }
            }
            byte[] payload = in.readNBytes((int) length);
            assertEquals(length, payload.length);
            return new Frame(opcode, payload);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private int octet() throws IOException {
        int octet = in.read();
        if (octet < 0) {
            throw new IOException("the connection has ended");
        }
        return octet;
    }

    /** The next text, which must be an event as every client can read it. Pings are answered. */
    JsonNode next() {
        Frame frame = frame();
        while (frame.isPing()) {
            pong(frame.payload());
            frame = frame();
        }
        assertEquals(TEXT, frame.opcode(), () -> "no text");
        JsonNode event = NodeServer.json(frame.text());
        assertTrue(event.path("event").isTextual(), event::toString);
        event.fieldNames().forEachRemaining(name -> assertTrue(KEYS.contains(name), event::toString));
        assertTrue(!event.has("channel") || event.get("channel").isTextual(), event::toString);
        assertTrue(!event.has("user_id") || event.get("user_id").isTextual(), event::toString);
        boolean error = event.get("event").asText().equals("pusher:error");
        assertTrue(error ? event.get("data").isObject() : event.path("data").isTextual(), event::toString);
        return event;
    }

    /** The next event, which must have this name. */
    JsonNode next(String name) {
        JsonNode event = next();
        assertEquals(name, event.get("event").asText(), event::toString);
        return event;
    }

    /** The next event, which must have this name and be on this channel. */
    JsonNode next(String name, String channel) {
        JsonNode event = next(name);
        assertEquals(channel, event.path("channel").asText(), event::toString);
        return event;
    }

    /** The next event, which must be an error without a code. Returns its message. */
    String error() {
        JsonNode data = next("pusher:error").get("data");
        assertTrue(data.get("code").isNull(), data::toString);
        return data.get("message").asText();
    }

    /** The next event, which must be an error with this code. Returns its message. */
    String error(int code) {
        JsonNode data = next("pusher:error").get("data");
        assertTrue(data.get("code").isInt(), data::toString);
        assertEquals(code, data.get("code").asInt(), data::toString);
        return data.get("message").asText();
    }

    /** The next two events, which must say that a subscription was refused. Returns the message. */
    String refused(String channel, int status) {
        String message = error();
        JsonNode data = data(next("pusher:subscription_error", channel));
        assertEquals(message, data.get("error").asText());
        assertEquals(status, data.get("status").asInt());
        assertFalse(data.get("type").asText().isEmpty());
        return message;
    }

    /** What the data's text holds. */
    static JsonNode data(JsonNode event) {
        return NodeServer.json(event.get("data").textValue());
    }

    /** Nothing came meanwhile: what was asked for last is answered next. */
    PusherSocket nothingElse() {
        send("{\"event\":\"pusher:ping\",\"data\":{}}");
        next("pusher:pong");
        return this;
    }

    /**
     * Reads on until the channel's subscribers are told to be so many. The number before may come again: whoever joins while
     * it is told has to hear it too.
     */
    void counted(String channel, int expected) {
        int count = count(next(COUNT, channel));
        while (count != expected) {
            assertTrue(lastCount == NONE || count == lastCount, "told " + count + ", not " + expected);
            count = count(next(COUNT, channel));
        }
        lastCount = expected;
    }

    /** The number that such an event tells. */
    static int count(JsonNode event) {
        return data(event).get("subscription_count").asInt();
    }

    /** The close frame, after texts that the test does not look at. */
    Frame closed() {
        Frame frame = frame();
        while (!frame.isClose()) {
            frame = frame();
        }
        return frame;
    }

    /** The next two frames, which must be an error with this code and a close frame with the same. Returns the message. */
    String refused(int code) {
        String message = error(code);
        Frame close = frame();
        assertTrue(close.isClose(), close::toString);
        assertEquals(code, close.code());
        assertEquals(message, close.reason());
        return message;
    }

    /** Asks for a subscription; parameters as names and JSON values by turns. */
    PusherSocket subscribe(String channel, String... parameters) {
        return request("pusher:subscribe", channel, parameters);
    }

    /** The same, and waits until it is there. Returns what came with it. */
    JsonNode subscribed(String channel, String... parameters) {
        subscribe(channel, parameters);
        return data(next("pusher_internal:subscription_succeeded", channel));
    }

    PusherSocket unsubscribe(String channel) {
        return request("pusher:unsubscribe", channel);
    }

    /** The same, and waits until it is done. Only the count that came last may come once more. */
    void unsubscribed(String channel) {
        unsubscribe(channel);
        send("{\"event\":\"pusher:ping\",\"data\":{}}");
        JsonNode event = next();
        while (event.get("event").asText().equals(COUNT)) {
            assertEquals(lastCount, count(event));
            event = next();
        }
        assertEquals("pusher:pong", event.get("event").asText());
    }

    private PusherSocket request(String event, String channel, String... parameters) {
        Map<String, String> named = PusherCaller.map(parameters);
        StringBuilder data = new StringBuilder("{\"channel\":" + json(channel));
        named.forEach(
                (name, value) -> data.append(',').append(json(name)).append(':').append(value));
        return send("{\"event\":\"" + event + "\",\"data\":" + data + "}}");
    }

    /** A text as JSON. */
    static String json(String text) {
        return new String(com.fasterxml.jackson.core.io.JsonStringEncoder.getInstance()
                        .quoteAsString(text))
                .transform(quoted -> '"' + quoted + '"');
    }

    /** The auth of a channel, as JSON. */
    String auth(String key, String secret, String channel) {
        return json(key + ":" + PusherCaller.sign(secret, id + ":" + channel));
    }

    /** The auth of a channel with data, as JSON. */
    String auth(String key, String secret, String channel, String channelData) {
        return json(key + ":" + PusherCaller.sign(secret, id + ":" + channel + ":" + channelData));
    }

    /** Ends the connection without a word. */
    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
