package dev.pushy.server;

import dev.pushy.core.contract.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code redis-server} of the PATH on a free port of this machine, with its files in a folder. Saves nothing. */
final class RedisProcess implements AutoCloseable {
    private static final String READY = "Ready to accept connections";

    private final Path folder;
    private final int port;
    private final List<String> arguments;
    private int runs;
    private Process process;

    private RedisProcess(Path folder, int port, List<String> arguments) throws IOException {
        this.folder = folder;
        this.port = port;
        this.arguments = arguments;
        this.process = run();
    }

    /** Starts one, and waits until it answers. */
    static RedisProcess start(Path folder) throws IOException {
        return startAt(freePort(), folder);
    }

    /** The same on a port of the caller's choice. */
    static RedisProcess startAt(int port, Path folder) throws IOException {
        return new RedisProcess(folder, port, List.of("--port", Integer.toString(port)));
    }

    /** One that speaks TLS, and asks for certificates of the same authority. */
    static RedisProcess startWithTls(Path folder, Path certificate, Path key, Path authorities) throws IOException {
        int port = freePort();
        return new RedisProcess(
                folder,
                port,
                List.of(
                        "--port",
                        "0",
                        "--tls-port",
                        Integer.toString(port),
                        "--tls-cert-file",
                        certificate.toString(),
                        "--tls-key-file",
                        key.toString(),
                        "--tls-ca-cert-file",
                        authorities.toString()));
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private Process run() throws IOException {
        Command.require("redis-server");
        Path log = Files.createDirectories(folder).resolve("redis-" + ++runs + ".log");
        List<String> command = new ArrayList<>(List.of("redis-server", "--bind", "127.0.0.1", "--save", ""));
        command.addAll(List.of("--dir", folder.toString()));
        command.addAll(arguments);
        Process started = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Await.until(() -> said(log).contains(READY), () -> "redis-server does not answer; it said:\n" + said(log));
        return started;
    }

    private static String said(Path log) {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return port;
    }

    String url() {
        return "redis://127.0.0.1:" + port;
    }

    /** Ends it as a crash does. */
    void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** Runs again after {@link #kill}, empty. */
    void restart() throws IOException {
        process = run();
    }

    @Override
    public void close() {
        kill();
    }
}
