package dev.pushy.redis;

import dev.pushy.core.contract.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisException;
import redis.embedded.core.ExecutableProvider;

/**
 * A real Redis on a free port of the loopback interface, with its data under {@code target/}. It writes to its disk only
 * when it is told to.
 */
public final class RedisServer implements AutoCloseable {

    /** Which program. */
    public enum Kind {
        /** The one that the embedded-redis library brings: 6.2. */
        EMBEDDED,
        /** {@code redis-server} of the PATH, which must be 7 or newer. */
        PATH
    }

    private static final String HOST = "127.0.0.1";
    /** Below the ports that systems give to whoever connects, so that a port stays free while its server is dead. */
    private static final int FIRST_PORT = 10_000;

    private static final int PORTS = 12_000;
    /** How far the port of a cluster's bus lies above the server's. */
    private static final int BUS = 10_000;

    /** So that none outlives the tests, whatever ends them. */
    private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> RUNNING.forEach(Process::destroyForcibly), "redis-end"));
    }

    private static @Nullable String unpacked;

    private final List<String> command = new ArrayList<>();
    private final @Nullable String password;
    private final Path directory;
    private final int port = freePort();
    private Process process;

    private RedisServer(Kind kind, Path directory, List<String> arguments, @Nullable String password)
            throws IOException {
        this.directory = directory;
        this.password = password;
        command.add(kind == Kind.PATH ? "redis-server" : embedded());
        command.addAll(arguments);
        command.addAll(List.of("--port", Integer.toString(port), "--bind", HOST, "--dir", directory.toString()));
        this.process = run();
    }

    /** Starts a server, and waits until it answers. */
    public static RedisServer start(Kind kind, String... arguments) {
        List<String> all = new ArrayList<>(List.of("--save", "", "--repl-diskless-sync-delay", "0"));
        all.addAll(List.of(arguments));
        return start(kind, newDirectory(), all, null);
    }

    /** Starts a server that lets in whoever knows the password. */
    static RedisServer startLocked(Kind kind, String password) {
        return start(kind, newDirectory(), List.of("--save", "", "--requirepass", password), password);
    }

    /** Starts a server that copies another one, until it is started again. */
    static RedisServer startReplica(Kind kind, RedisServer master) {
        RedisServer replica = start(kind);
        try (Jedis redis = replica.connect()) {
            redis.replicaof(HOST, master.port);
        }
        return replica;
    }

    /** Starts a server that can be part of a cluster; its bus has the usual port. */
    static RedisServer startInCluster(Kind kind, String... arguments) {
        List<String> all = new ArrayList<>(List.of("--cluster-enabled", "yes"));
        all.addAll(List.of(arguments));
        return start(kind, all.toArray(String[]::new));
    }

    /** Starts a sentinel with these lines in its configuration. */
    static RedisServer startSentinel(Kind kind, String... lines) {
        Path directory = newDirectory();
        try {
            Path file = Files.write(directory.resolve("sentinel.conf"), List.of(lines));
            return start(kind, directory, List.of(file.toString(), "--sentinel"), null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static RedisServer start(Kind kind, Path directory, List<String> arguments, @Nullable String password) {
        try {
            return new RedisServer(kind, directory, arguments, password);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path newDirectory() {
        try {
            Path parent = Files.createDirectories(Path.of("target", "redis"));
            return Files.createTempDirectory(parent, "server-").toAbsolutePath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A port that is free, as is that of the bus. */
    static int freePort() {
        int port = FIRST_PORT + ThreadLocalRandom.current().nextInt(PORTS);
        while (!isFree(port) || !isFree(port + BUS)) {
            port = FIRST_PORT + ThreadLocalRandom.current().nextInt(PORTS);
        }
        return port;
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException taken) {
            return false;
        }
    }

    /**
     * Where the program of the library is; it is unpacked once. Not while a process begins, which for a moment has all files
     * that are open: a program that somebody has open to write it cannot be run.
     */
    private static String embedded() throws IOException {
        synchronized (RUNNING) {
            if (unpacked == null) {
                unpacked = ExecutableProvider.newJarResourceProvider().get().getPath();
            }
            return unpacked;
        }
    }

    private static Process begin(ProcessBuilder builder) throws IOException {
        synchronized (RUNNING) {
            Process started = builder.start();
            RUNNING.add(started);
            return started;
        }
    }

    private Process run() throws IOException {
        Process started = begin(new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("log").toFile())));
        Await.until(() -> !started.isAlive() || answers(), () -> command + " does not answer, see " + directory);
        if (!started.isAlive()) {
            throw new IOException(command + " ended with " + started.exitValue() + ", see " + directory);
        }
        return started;
    }

    private boolean answers() {
        try (Jedis redis = connect()) {
            return redis.ping().equals("PONG");
        } catch (JedisException notYet) {
            return false;
        }
    }

    /** Where it listens, also while it is dead. */
    public int port() {
        return port;
    }

    String url() {
        return "redis://" + HOST + ":" + port;
    }

    /** Where it keeps its data. */
    public Path directory() {
        return directory;
    }

    /** A connection, to be closed. */
    public Jedis connect() {
        Jedis redis = new Jedis(HOST, port);
        if (password != null) {
            redis.auth(password);
        }
        return redis;
    }

    /** Writes a snapshot, with which {@link #restart} begins. */
    void save() {
        try (Jedis redis = connect()) {
            redis.save();
        }
    }

    /** What it knows now. */
    byte[] snapshot() {
        save();
        try {
            return Files.readAllBytes(directory.resolve("dump.rdb"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** After {@link #kill}: what it knows when it runs again. */
    void remember(byte[] snapshot) {
        try {
            Files.write(directory.resolve("dump.rdb"), snapshot);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Deletes the snapshot, so that {@link #restart} begins empty. */
    public void forget() {
        try {
            Files.deleteIfExists(directory.resolve("dump.rdb"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Ends it as a crash does. */
    public void kill() {
        process.destroyForcibly();
        process.onExit().join();
        RUNNING.remove(process);
    }

    /** Runs again, with the last snapshot if there is one. */
    public void restart() {
        try {
            process = run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Stops it in the middle of what it does; its connections stay. */
    public void pause() {
        signal("STOP");
    }

    /** Lets it go on. */
    public void resume() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .start()
                    .onExit()
                    .join();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        kill();
    }
}
