package dev.pushy.undertow.transport.sockjs;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A connection to a server, made when it is needed: sends requests byte by byte and sees each chunk of an answer. */
final class Http implements AutoCloseable {
    private static final int DEADLINE_MILLIS = 15_000;

    private final int port;
    private final int receiveBuffer;
    private Socket socket;
    private InputStream in;

    Http(int port) {
        this(port, 0);
    }

    /** A small receive buffer makes the server feel soon that nobody reads. */
    Http(int port, int receiveBuffer) {
        this.port = port;
        this.receiveBuffer = receiveBuffer;
    }

    /** An answer whose body has been read. */
    record Answer(int status, Map<String, String> headers, String body) {
        /** The value of a header, several joined by a comma, or null. */
        String header(String name) {
            return headers.get(name.toLowerCase(Locale.ROOT));
        }
    }

    Answer get(String path, String... headers) {
        return ask("GET", path, "", headers);
    }

    Answer post(String path, String body, String... headers) {
        return ask("POST", path, body, headers);
    }

    Answer options(String path, String... headers) {
        return ask("OPTIONS", path, "", headers);
    }

    Answer ask(String method, String path, String body, String... headers) {
        send(method, path, body, headers);
        return answer();
    }

    /** Reads the answer to a request that was sent before. */
    Answer answer() {
        try {
            Answer head = head();
            return new Answer(head.status, head.headers, body(head));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends a request, and reads only the head of its answer; the rest is for {@link #chunk} or {@link #read}. */
    Answer begin(String method, String path, String... headers) {
        try {
            send(method, path, "", headers);
            return head();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads the head of an answer to a request that was sent before. */
    Answer answerHead() {
        try {
            return head();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends a request and reads nothing. */
    void send(String method, String path, String body, String... headers) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        StringBuilder head = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n");
        if (!method.equals("GET")) {
            head.append("Content-Length: ").append(bytes.length).append("\r\n");
        }
        for (int i = 0; i < headers.length; i += 2) {
            head.append(headers[i]).append(": ").append(headers[i + 1]).append("\r\n");
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
        all.writeBytes(bytes);
        sendRaw(all.toByteArray());
    }

    /** Waits until one of two connections has something to read. */
    static Http firstAnswered(Http one, Http other) {
        SockJsServer.await("an answer", () -> one.hasInput() || other.hasInput());
        return one.hasInput() ? one : other;
    }

    boolean hasInput() {
        try {
            return in.available() > 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void sendRaw(byte[] bytes) {
        try {
            connect();
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void connect() throws IOException {
        if (socket == null) {
            socket = new Socket();
            if (receiveBuffer > 0) {
                socket.setReceiveBufferSize(receiveBuffer);
            }
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(DEADLINE_MILLIS);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), DEADLINE_MILLIS);
            in = socket.getInputStream();
        }
    }

    private Answer head() throws IOException {
        String first = line();
        Map<String, String> headers = new TreeMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
            headers.merge(name, line.substring(colon + 1).strip(), (one, other) -> one + ", " + other);
        }
        return new Answer(Integer.parseInt(first.split(" ", 3)[1]), headers, "");
    }

    private String body(Answer head) throws IOException {
        String length = head.header("Content-Length");
        if (head.status == 204 || head.status == 304) {
            return "";
        }
        if (length != null) {
            return read(Integer.parseInt(length));
        }
        if (!"chunked".equals(head.header("Transfer-Encoding"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        StringBuilder body = new StringBuilder();
        for (String chunk = chunk(); !chunk.isEmpty(); chunk = chunk()) {
            body.append(chunk);
        }
        return body.toString();
    }

    /** The next chunk of an answer; empty at its end. */
    String chunk() {
        try {
            String chunk = read(Integer.parseInt(line(), 16));
            if (!line().isEmpty()) {
                throw new IOException("no line break behind a chunk");
            }
            return chunk;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String read(int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException("ended after " + bytes.length + " of " + count + " bytes");
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Whether the server has ended the connection, with nothing more to read. */
    boolean isAtEnd() throws IOException {
        return in.read() < 0;
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int octet = in.read(); octet != '\n'; octet = in.read()) {
            if (octet < 0) {
                throw new EOFException("ended in the line: " + line);
            }
            line.write(octet);
        }
        return line.toString(StandardCharsets.UTF_8).replaceAll("\r$", "");
    }

    /** Goes away without a word. */
    @Override
    public void close() {
        try {
            if (socket != null) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
