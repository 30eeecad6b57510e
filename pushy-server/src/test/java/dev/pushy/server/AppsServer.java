package dev.pushy.server;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;

/** The packaged server with the apps that tests with Pusher's clients need. */
final class AppsServer implements AutoCloseable {
    /**
     * Tells all that happens to a webhook, and its subscribers how many they are. Its native publisher has the same id and
     * secret.
     */
    static final App MAIN = new App("main", "1001", "main-key", "secret-of-the-main-app");
    /** Has short timeouts, and forgets soon. */
    static final App QUICK = new App("quick", "1002", "quick-key", "secret-of-the-quick-app");
    /** Sends away whom nobody vouches for. */
    static final App STRICT = new App("strict", "1003", "strict-key", "secret-of-the-strict-app");
    /** Is for the pages of one origin, which no test has. */
    static final App CLOSED = new App("closed", "1004", "closed-key", "secret-of-the-closed-app");

    private static final String CONFIG = """
            tls:
              port: 0
              cert-file: cert.pem
              key-file: key.pem
            sockjs:
              heartbeat: 3s
            pusher:
              pong-timeout: 10s
            apps:
              main:
                secrets:
                  - secret: a-secret-for-tokens-that-is-long-enough-for-an-hmac
                publishers:
                  - id: "%s"
                    secrets: %s
                pusher:
                  public-channels: "**"
                  subscription-count: true
                  webhooks:
                    - url: %s
            %s
              quick:
                pusher:
                  limits:
                    activity-timeout: 1s
                    cache-life: 1s
            %s
              strict:
                pusher:
                  authorize-within: 5s
            %s
              closed:
                pusher:
                  origins: https://app.example.com
            %s
            """;

    private final Path folder;
    private final Map<String, String> environment;
    private ServerProcess process;

    private AppsServer(Path folder, Map<String, String> environment) throws IOException {
        this.folder = folder;
        this.environment = environment;
        this.process = launch(0);
    }

    /** What an application knows of its app. */
    record App(String name, String id, String key, String secret) {
        private String yaml() {
            return """
                  id: %s
                  keys:
                    - key: %s
                      secret: %s""".formatted(id, key, secret).indent(6).stripTrailing();
        }

        /** In the words of the scripts. */
        Map<String, String> toMap() {
            return Map.of("id", id, "key", key, "secret", secret);
        }
    }

    /** A server whose main app tells its webhooks there. */
    static AppsServer start(Path folder, URI webhook) throws Exception {
        return start(folder, webhook, Map.of());
    }

    /** The same with an environment; its certificate is signed by its own key. */
    static AppsServer start(Path folder, URI webhook, Map<String, String> environment) throws Exception {
        Files.createDirectories(folder);
        TestCertificate certificate = TestCertificate.selfSigned(folder, "server", "EC");
        Files.writeString(folder.resolve("cert.pem"), certificate.leaf());
        Files.writeString(folder.resolve("key.pem"), certificate.pkcs8());
        String config = CONFIG.formatted(
                MAIN.id(), MAIN.secret(), webhook, MAIN.yaml(), QUICK.yaml(), STRICT.yaml(), CLOSED.yaml());
        Files.writeString(folder.resolve("pushy.yaml"), config);
        return new AppsServer(folder, environment);
    }

    private ServerProcess launch(int port) throws IOException {
        String free = Integer.toString(port);
        return ServerProcess.runJar(
                ServerJarIT.jar(), folder, environment, "start", "--config", "pushy.yaml", "--port", free);
    }

    static Map<String, Map<String, String>> apps() {
        return Map.of("main", MAIN.toMap(), "quick", QUICK.toMap(), "strict", STRICT.toMap(), "closed", CLOSED.toMap());
    }

    int port() throws InterruptedException {
        return process.port();
    }

    int tlsPort() throws InterruptedException {
        return process.tlsPort();
    }

    /** Ends the process as a supervisor does, and starts another one in its place. */
    void restart() throws IOException, InterruptedException {
        stop();
        startAgain();
    }

    /** The same without a chance to say anything. */
    void crash() throws IOException, InterruptedException {
        kill();
        startAgain();
    }

    /** Ends the process as a supervisor does. */
    void stop() throws InterruptedException {
        end(ServerProcess::terminate);
    }

    /** Ends the process as a crash does. */
    void kill() throws InterruptedException {
        end(ServerProcess::kill);
    }

    private void end(Consumer<ServerProcess> how) throws InterruptedException {
        port();
        how.accept(process);
        process.exitCode();
    }

    /** Starts another one in the place of the one that has ended. */
    void startAgain() throws IOException, InterruptedException {
        process = launch(port());
        process.port();
    }

    @Override
    public void close() {
        process.close();
    }

    @Override
    public String toString() {
        return process.toString();
    }
}
