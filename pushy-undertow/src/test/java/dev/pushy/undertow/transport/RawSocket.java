package dev.pushy.undertow.transport;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A client that sends whatever bytes it is told, in whatever pieces, and waits with a deadline for what comes back. */
final class RawSocket implements AutoCloseable {
    private static final int DEADLINE_MILLIS = 10_000;

    private final Socket socket = new Socket();
    private final InputStream in;

    RawSocket(int port) throws IOException {
        this(port, 0);
    }

    /** A small receive buffer makes the server feel soon that nobody reads. */
    RawSocket(int port, int receiveBuffer) throws IOException {
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(DEADLINE_MILLIS);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), DEADLINE_MILLIS);
        in = socket.getInputStream();
    }

    /** A WebSocket after its handshake. */
    static RawSocket webSocket(int port) throws IOException {
        return webSocket(port, 0);
    }

    static RawSocket webSocket(int port, int receiveBuffer) throws IOException {
        RawSocket socket = new RawSocket(port, receiveBuffer);
        socket.send(handshake(""));
        String head = socket.head();
        if (!head.startsWith("HTTP/1.1 101 ")) {
            throw new IOException("no upgrade: " + head);
        }
        return socket;
    }

    /** A correct handshake with more header lines. */
    static String handshake(String more) {
        return "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + more + "\r\n";
    }

    void send(String text) throws IOException {
        send(text.getBytes(StandardCharsets.UTF_8));
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    void send(ClientFrame... frames) throws IOException {
        send(ClientFrame.join(frames));
    }

    /** Ends the output, as a client does that still reads. */
    void shutdownOutput() throws IOException {
        socket.shutdownOutput();
    }

    /** Ends with a reset, as a client that crashes with unread data. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    byte[] read(int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new IOException("ended after " + bytes.length + " of " + count + " bytes");
        }
        return bytes;
    }

    /** Reads up to and with the marker. */
    String readUntil(String marker) throws IOException {
        StringBuilder text = new StringBuilder();
        while (text.indexOf(marker) < 0) {
            int octet = in.read();
            if (octet < 0) {
                throw new IOException("ended before '" + marker + "': " + text);
            }
            text.append((char) octet);
        }
        return text.toString();
    }

    /** Reads a response head. */
    String head() throws IOException {
        return readUntil("\r\n\r\n");
    }

    /** Reads a frame of the server: opcode, a space and the payload as text. A close frame with its code. */
    String frame() throws IOException {
        byte[] head = read(2);
        if ((head[0] & 0xF0) != 0x80 || (head[1] & 0x80) != 0) {
            throw new IOException("not a complete unmasked frame: " + Arrays.toString(head));
        }
        int length = head[1];
        if (length >= 126) {
            length = 0;
            for (byte octet : read(head[1] == 126 ? 2 : 8)) {
                length = length << 8 | (octet & 0xFF);
            }
        }
        byte[] payload = read(length);
        String opcode = switch (head[0] & 0x0F) {
            case ServerFrame.TEXT -> "text ";
            case ServerFrame.BINARY -> "binary ";
            case ServerFrame.PING -> "ping ";
            case ServerFrame.PONG -> "pong ";
            case ServerFrame.CLOSE -> "close ";
            default -> throw new IOException("unknown opcode in " + head[0]);
        };
        if (opcode.equals("close ") && length >= 2) {
            int code = (payload[0] & 0xFF) << 8 | (payload[1] & 0xFF);
            return opcode + code + " " + new String(payload, 2, length - 2, StandardCharsets.UTF_8);
        }
        return opcode + new String(payload, StandardCharsets.UTF_8);
    }

    /** Reads to the end of the stream; fails if it does not come. */
    byte[] readToEnd() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] piece = new byte[64 * 1024];
        try {
            for (int length = in.read(piece); length >= 0; length = in.read(piece)) {
                all.write(piece, 0, length);
            }
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (IOException e) {
            // A reset is an end too.
            return all.toByteArray();
        }
        return all.toByteArray();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
