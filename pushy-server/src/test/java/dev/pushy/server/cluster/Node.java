package dev.pushy.server.cluster;

import dev.pushy.redis.Proxy;
import dev.pushy.server.ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A server process with a network of its own to Redis. It can end and begin anew, each time on another port. */
final class Node implements AutoCloseable {
    private static final List<String> OPTIONS = List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private final String name;
    private final Path folder;
    private final Path logs;
    private final Proxy network;
    private ServerProcess process;
    private int lives;
    private volatile int port;
    private volatile boolean up;

    /** Starts it. */
    Node(String name, Path folder, Path logs, int redis) {
        this.name = name;
        this.folder = folder;
        this.logs = logs;
        this.network = new Proxy(redis);
        this.process = launch();
    }

    String name() {
        return name;
    }

    int port() {
        return port;
    }

    /** Whether clients may find it. */
    boolean isUp() {
        return up;
    }

    Proxy network() {
        return network;
    }

    URI uri(String target) {
        return URI.create("http://127.0.0.1:" + port + target);
    }

    private ServerProcess launch() {
        lives++;
        try {
            Map<String, String> environment = Map.of("REDIS_URL", "redis://127.0.0.1:" + network.port());
            return ServerProcess.runPackaged(
                    OPTIONS, folder, environment, "start", "--config", "pushy.yaml", "--port", "0");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts a process in the place of one that has ended. */
    void start() {
        process = launch();
        awaitUp();
    }

    /** Waits until it listens. */
    void awaitUp() {
        try {
            port = process.port();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        up = true;
    }

    /** Whether it should get clients by its own account. */
    boolean isReady(HttpClient http) {
        HttpRequest question = HttpRequest.newBuilder(uri("/health/ready"))
                .timeout(Duration.ofSeconds(5))
                .build();
        try {
            return http.send(question, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Ends the process as a crash does. */
    void kill() {
        up = false;
        process.close();
        keepLog();
    }

    /** Ends the process as a supervisor does; clients find it until it is gone. */
    void stop() {
        process.terminate();
        try {
            if (process.exitCode() != 0) {
                throw new AssertionError(name + " ended with " + process.exitCode());
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        up = false;
        keepLog();
    }

    private void keepLog() {
        try {
            Files.writeString(logs.resolve(name + "-" + lives + ".log"), process.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        kill();
        network.close();
    }

    @Override
    public String toString() {
        return name + "-" + lives + (up ? "" : " down");
    }
}
