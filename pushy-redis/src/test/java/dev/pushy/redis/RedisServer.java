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
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisException;
import redis.embedded.core.ExecutableProvider;

/**
 * A real Redis on a free port of the loopback interface, with its data under {@code target/}. It writes to its disk only
 * when it is told to.
 */
final class RedisServer implements AutoCloseable {

    /** Which program. */
    enum Kind {
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
    static RedisServer start(Kind kind, String... arguments) {
        return new RedisServer(kind, List.of(arguments));
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
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

    int port() {
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
    Jedis connect() {
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

    /** Deletes the snapshot, so that {@link #restart} begins empty. */
    void forget() {
        try {
            Files.deleteIfExists(directory.resolve("dump.rdb"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends it as a crash does. */
    void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** Runs again, with the last snapshot if there is one. */
    void restart() {
        try {
            process = run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Stops it in the middle of what it does; its connections stay. */
    void pause() {
        signal("STOP");
    }

    /** Lets it go on. */
    void resume() {
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
