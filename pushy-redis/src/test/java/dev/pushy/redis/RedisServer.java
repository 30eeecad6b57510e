package dev.pushy.redis;

import dev.pushy.core.contract.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
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

    private final String program;
    private final Path directory;
    private final List<String> arguments;
    private final int port;
    private Process process;

    private RedisServer(Kind kind, List<String> arguments) {
        try {
            this.program = kind == Kind.PATH
                    ? "redis-server"
                    : ExecutableProvider.newJarResourceProvider().get().getPath();
            this.directory = Files.createTempDirectory(Files.createDirectories(Path.of("target", "redis")), "server-")
                    .toAbsolutePath();
            this.arguments = arguments;
            this.port = freePort();
            this.process = run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts a server, and waits until it answers. */
    public static RedisServer start(Kind kind, String... arguments) {
        return new RedisServer(kind, List.of(arguments));
    }

    /**
     * A port that stays free while a server that has it is away: not one of those that systems give to outgoing
     * connections.
     */
    static int freePort() throws IOException {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(10_000, 32_000);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (BindException taken) {
                // The next one may do.
            }
        }
    }

    private Process run() throws IOException {
        List<String> command = new ArrayList<>(List.of(
                program,
                "--port",
                Integer.toString(port),
                "--bind",
                HOST,
                "--dir",
                directory.toString(),
                "--save",
                ""));
        command.addAll(arguments);
        Process started = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("log").toFile()))
                .start();
        Await.until(this::answers, () -> program + " on port " + port + " does not answer, see " + directory);
        return started;
    }

    private boolean answers() {
        try (Jedis redis = connect()) {
            return redis.ping().equals("PONG");
        } catch (JedisException notYet) {
            return false;
        }
    }

    public int port() {
        return port;
    }

    /** The value of an argument that it was started with. */
    String argument(String name) {
        return arguments.get(arguments.indexOf(name) + 1);
    }

    String url() {
        return "redis://" + HOST + ":" + port;
    }

    /** A connection, to be closed. */
    public Jedis connect() {
        return new Jedis(HOST, port);
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

    /** Where it keeps its data. */
    public Path directory() {
        return directory;
    }

    /** Deletes its snapshot, so that {@link #restart} begins empty. */
    public void forget() {
        try {
            Files.deleteIfExists(directory.resolve("dump.rdb"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends it as a crash does. */
    public void kill() {
        process.destroyForcibly();
        process.onExit().join();
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
