package dev.pushy.redis;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** The network between a node and its Redis, which a test can break. Each answer of Redis is passed on whole or not at all. */
public final class Proxy implements AutoCloseable {
    private final ServerSocket door;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicInteger messagesToLose;
    private final boolean raw;
    private volatile int target;
    private volatile boolean cut;
    private volatile boolean mute;
    private volatile boolean blackHole;

    /** A network in order. */
    public Proxy(int target) {
        this(target, new AtomicInteger());
    }

    /**
     * A part of a network in order.
     *
     * @param messagesToLose how many of the next messages on topics are lost; counted down
     */
    Proxy(int target, AtomicInteger messagesToLose) {
        this(target, messagesToLose, false);
    }

    /** The network between a replica and its master, which speak otherwise. */
    public static Proxy ofReplica(int target) {
        return new Proxy(target, new AtomicInteger(), true);
    }

    private Proxy(int target, AtomicInteger messagesToLose, boolean raw) {
        this.messagesToLose = messagesToLose;
        this.raw = raw;
        this.target = target;
        try {
            this.door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start("accept", this::accept);
    }

    private static void start(String name, Runnable task) {
        Thread thread = new Thread(task, "proxy-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    public int port() {
        return door.getLocalPort();
    }

    /** New connections go to another server. */
    public void target(int port) {
        target = port;
    }

    /** Breaks all connections, and lets none in. */
    public void cut() {
        cut = true;
        breakConnections();
    }

    public void heal() {
        cut = false;
    }

    public void breakConnections() {
        sockets.forEach(Proxy::close);
    }

    /** Whether answers to commands are lost, while messages on topics come. */
    void mute(boolean on) {
        mute = on;
    }

    /** Whether nothing passes any more, though all connections stay. */
    public void blackHole(boolean on) {
        blackHole = on;
    }

    private void accept() {
        try {
            while (true) {
                Socket client = door.accept();
                if (cut) {
                    close(client);
                } else {
                    connect(client);
                }
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    private void connect(Socket client) {
        try {
            Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
            sockets.add(client);
            sockets.add(server);
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            start("to-server", () -> pump(client, server, this::passBytes));
            start("to-client", () -> pump(server, client, raw ? this::passBytes : this::passAnswers));
            if (cut) {
                close(client);
                close(server);
            }
        } catch (IOException refused) {
            close(client);
        }
    }

    private interface Passing {
        void pass(InputStream in, OutputStream out) throws IOException;
    }

    private void pump(Socket from, Socket to, Passing passing) {
        try {
            passing.pass(new BufferedInputStream(from.getInputStream(), 1 << 16), to.getOutputStream());
        } catch (IOException ended) {
            // As connections do.
        } finally {
            close(from);
            close(to);
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    private void passBytes(InputStream in, OutputStream out) throws IOException {
        byte[] buffer = new byte[1 << 16];
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            if (!blackHole) {
                out.write(buffer, 0, count);
            }
        }
    }

    private void passAnswers(InputStream in, OutputStream out) throws IOException {
        while (true) {
            ByteArrayOutputStream frame = new ByteArrayOutputStream();
            readFrame(in, frame);
            String head = frame.toString(StandardCharsets.ISO_8859_1);
            boolean message = head.startsWith("*3\r\n$7\r\nmessage") || head.startsWith("*3\r\n$8\r\nsmessage");
            boolean lost = blackHole || (mute && !message && !isOfSubscriptions(head)) || (message && loses(head));
            if (!lost) {
                out.write(frame.toByteArray());
            }
        }
    }

    private static boolean isOfSubscriptions(String head) {
        return head.startsWith("*3\r\n")
                && head.substring(0, Math.min(40, head.length())).contains("subscribe");
    }

    /** Only published messages: a marker or canary is told apart by the first byte behind its length. */
    private boolean loses(String head) {
        int payload = head.lastIndexOf("\r\n", head.length() - 3);
        int topic = head.indexOf("topic:");
        boolean published = topic > 0 || head.indexOf("prefix:") > 0;
        return payload > 0 && published && messagesToLose.getAndUpdate(count -> Math.max(0, count - 1)) > 0;
    }

    /** One value of RESP2. */
    private static void readFrame(InputStream in, ByteArrayOutputStream out) throws IOException {
        String line = readLine(in, out);
        int length = line.charAt(0) == '$' || line.charAt(0) == '*' ? Integer.parseInt(line.substring(1)) : -1;
        if (line.charAt(0) == '$' && length >= 0) {
            byte[] bytes = in.readNBytes(length + 2);
            if (bytes.length < length + 2) {
                throw new EOFException();
            }
            out.write(bytes);
        }
        for (int i = 0; line.charAt(0) == '*' && i < length; i++) {
            readFrame(in, out);
        }
    }

    private static String readLine(InputStream in, ByteArrayOutputStream out) throws IOException {
        StringBuilder line = new StringBuilder();
        int next = in.read();
        while (next != '\n') {
            if (next < 0) {
                throw new EOFException();
            }
            out.write(next);
            line.append((char) next);
            next = in.read();
        }
        out.write(next);
        return line.substring(0, line.length() - 1);
    }

    private static void close(java.io.Closeable socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is gone either way.
        }
    }

    @Override
    public void close() {
        cut();
        close(door);
        breakConnections();
    }
}
