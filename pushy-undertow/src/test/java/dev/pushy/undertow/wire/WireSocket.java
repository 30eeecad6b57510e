package dev.pushy.undertow.wire;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a client, SSE or WebSocket, that is read in pieces of any size and never blocks. What is in a block or
 * frame that has not come whole counts for nothing.
 */
public final class WireSocket {
    private final SocketChannel channel;
    private final boolean sse;
    private final WireReader reader;
    private final ByteBuffer in = ByteBuffer.allocate(64 * 1024);
    private byte[] pending = new byte[1024];
    private int pendingLength;
    private boolean head = true;
    private boolean ended;

    private WireSocket(SocketChannel channel, boolean sse, WireReader reader) {
        this.channel = channel;
        this.sse = sse;
        this.reader = reader;
    }

    /**
     * Connects and sends the request; the answer is not awaited.
     *
     * @param receiveBuffer 0 for the system's
     */
    public static WireSocket open(
            int port, int receiveBuffer, boolean sse, String target, String headers, WireReader reader)
            throws IOException {
        SocketChannel channel = SocketChannel.open();
        if (receiveBuffer > 0) {
            channel.setOption(StandardSocketOptions.SO_RCVBUF, receiveBuffer);
        }
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        channel.configureBlocking(false);
        WireSocket socket = new WireSocket(channel, sse, reader);
        String upgrade = sse
                ? "Accept: text/event-stream\r\n"
                : "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        socket.write(("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + upgrade + headers + "\r\n")
                .getBytes(StandardCharsets.ISO_8859_1));
        return socket;
    }

    /** A connection on which nothing is sent. */
    static WireSocket silent(int port) throws IOException {
        SocketChannel channel = SocketChannel.open();
        channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return new WireSocket(channel, true, new Deaf());
    }

    /** To be told when there is something to read. */
    public SelectableChannel channel() {
        return channel;
    }

    /** Sends if the socket takes it within a while; a part may have gone then. */
    boolean offer(byte[] bytes) {
        try {
            write(bytes);
            return true;
        } catch (IOException full) {
            return false;
        }
    }

    private void write(byte[] bytes) throws IOException {
        ByteBuffer out = ByteBuffer.wrap(bytes);
        long deadline = System.nanoTime() + 500_000_000L;
        while (out.hasRemaining()) {
            if (channel.write(out) == 0) {
                if (System.nanoTime() > deadline) {
                    throw new IOException("the server does not read");
                }
                Thread.onSpinWait();
            }
        }
    }

    /** Sends a text frame. */
    public void sendText(String text) throws IOException {
        sendFrame(1, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Sends the first bytes of a text frame and leaves it at that. */
    void sendPartOfText(String text, int bytes) throws IOException {
        byte[] frame = frame(1, text.getBytes(StandardCharsets.UTF_8));
        write(Arrays.copyOf(frame, Math.min(bytes, frame.length - 1)));
    }

    /** Sends bytes as they are. */
    void sendBytes(byte... bytes) throws IOException {
        write(bytes);
    }

    private void sendFrame(int opcode, byte[] payload) throws IOException {
        write(frame(opcode, payload));
    }

    static byte[] frame(int opcode, byte[] payload) {
        boolean wide = payload.length > 125;
        ByteBuffer frame = ByteBuffer.allocate(payload.length + 8);
        frame.put((byte) (0x80 | opcode));
        frame.put((byte) (0x80 | (wide ? 126 : payload.length)));
        if (wide) {
            frame.putShort((short) payload.length);
        }
        frame.putInt(0x01020304);
        for (int i = 0; i < payload.length; i++) {
            frame.put((byte) (payload[i] ^ ((i & 3) + 1)));
        }
        return Arrays.copyOf(frame.array(), frame.position());
    }

    public boolean isEnded() {
        return ended;
    }

    /** Whether the server's answer has come. */
    public boolean isUpgraded() {
        return !head;
    }

    /** Reads at most so many bytes of what is there; returns how many. */
    public int read(int most) {
        if (ended) {
            return 0;
        }
        in.clear().limit(Math.min(most, in.capacity()));
        int length;
        try {
            length = channel.read(in);
        } catch (IOException reset) {
            length = -1;
        }
        if (length < 0) {
            end("end of stream");
            return 0;
        }
        feed(in.array(), length);
        return length;
    }

    private void feed(byte[] bytes, int length) {
        if (pendingLength + length > pending.length) {
            pending = Arrays.copyOf(pending, Math.max(pending.length * 2, pendingLength + length));
        }
        System.arraycopy(bytes, 0, pending, pendingLength, length);
        pendingLength += length;
        int used = 0;
        for (int next = understand(used); next > used && !ended; next = understand(used)) {
            used = next;
        }
        System.arraycopy(pending, used, pending, 0, pendingLength - used);
        pendingLength -= used;
    }

    /** Understands one unit from there, and returns where the next begins; the same place if it is not complete. */
    private int understand(int from) {
        if (head) {
            int end = find(from, "\r\n\r\n");
            if (end < 0) {
                return from;
            }
            String answer = new String(pending, from, end - from, StandardCharsets.ISO_8859_1);
            if (!answer.startsWith(sse ? "HTTP/1.1 200 " : "HTTP/1.1 101 ")) {
                end("answer " + answer.lines().findFirst().orElse(""));
                return from;
            }
            head = false;
            return end;
        }
        return sse ? block(from) : frame(from);
    }

    private int find(int from, String marker) {
        byte[] sought = marker.getBytes(StandardCharsets.ISO_8859_1);
        for (int i = from; i + sought.length <= pendingLength; i++) {
            if (Arrays.equals(pending, i, i + sought.length, sought, 0, sought.length)) {
                return i + sought.length;
            }
        }
        return -1;
    }

    private int block(int from) {
        int end = find(from, "\n\n");
        if (end < 0) {
            return from;
        }
        String id = null;
        String event = "message";
        String data = null;
        for (String line : new String(pending, from, end - from, StandardCharsets.UTF_8).split("\n")) {
            if (line.startsWith("id: ")) {
                id = line.substring(4);
            } else if (line.startsWith("event: ")) {
                event = line.substring(7);
            } else if (line.startsWith("data: ")) {
                data = line.substring(6);
            }
        }
        reader.onBlock(id, event, data);
        return end;
    }

    private int frame(int from) {
        int available = pendingLength - from;
        if (available < 2) {
            return from;
        }
        int opcode = pending[from] & 0x0F;
        int length = pending[from + 1] & 0x7F;
        int start = from + 2;
        if (length >= 126) {
            int wide = length == 126 ? 2 : 8;
            if (available < 2 + wide) {
                return from;
            }
            length = 0;
            for (int i = 0; i < wide; i++) {
                length = length << 8 | (pending[start++] & 0xFF);
            }
        }
        if (pendingLength - start < length) {
            return from;
        }
        byte[] payload = Arrays.copyOfRange(pending, start, start + length);
        switch (opcode) {
            case 1 -> reader.onText(new String(payload, StandardCharsets.UTF_8));
            case 8 -> end("close " + (length < 2 ? 1005 : (payload[0] & 0xFF) << 8 | (payload[1] & 0xFF)));
            case 9 -> pong(payload);
            default -> reader.onError("opcode " + opcode);
        }
        return start + length;
    }

    private void pong(byte[] payload) {
        try {
            sendFrame(10, payload);
        } catch (IOException gone) {
            end("end of stream");
        }
    }

    private void end(String why) {
        ended = true;
        close(false);
        reader.onError(why);
    }

    /** Ends the connection from here. */
    public void close(boolean reset) {
        ended = true;
        try {
            if (reset && channel.isOpen()) {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
            channel.close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Stops reading, but leaves the socket open, as a client does that fell asleep. */
    Runnable vanish() {
        ended = true;
        return () -> close(true);
    }

    /** Hears nothing. */
    private static final class Deaf implements WireReader {
        @Override
        public void onBlock(@Nullable String id, String event, @Nullable String data) {}

        @Override
        public void onText(String text) {}

        @Override
        public void onError(String what) {}
    }

    @Override
    public String toString() {
        return (sse ? "sse" : "websocket") + (ended ? " ended" : "");
    }
}
