package dev.pushy.server;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The server in a JVM of its own, as an operator starts it. Ended with the test that made it. */
public final class ServerProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final Pattern LISTENS = Pattern.compile(
            "Pushy listens on http://\\S+:(\\d+)(?: and, with TLS, port (\\d+))? \\(started in (\\d+) ms\\)");

    private final Process process;
    private final Lines out;
    private final Lines err;

    /** A server that was started in another way. */
    ServerProcess(Process process) {
        this.process = process;
        this.out = new Lines(process.getInputStream());
        this.err = new Lines(process.getErrorStream());
    }

    /** Runs {@code Main} from the classes of this build. */
    static ServerProcess run(Path folder, Map<String, String> environment, String... arguments) throws IOException {
        return launch(
                folder,
                environment,
                List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()),
                arguments);
    }

    /** Runs the packaged jar. */
    static ServerProcess runJar(Path jar, Path folder, Map<String, String> environment, String... arguments)
            throws IOException {
        return launch(folder, environment, List.of("-jar", jar.toString()), arguments);
    }

    /** Runs the jar that this build has packaged, in a JVM with options of its own. */
    public static ServerProcess runPackaged(
            List<String> options, Path folder, Map<String, String> environment, String... arguments)
            throws IOException {
        List<String> what = new ArrayList<>(options);
        what.addAll(List.of("-jar", ServerJarIT.jar().toString()));
        return launch(folder, environment, what, arguments);
    }

    private static ServerProcess launch(
            Path folder, Map<String, String> environment, List<String> what, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(what);
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        // What this test run happens to have in its environment must not configure the server.
        builder.environment().keySet().removeIf(name -> name.startsWith("PUSHY_") || name.equals("PORT"));
        builder.environment().putAll(environment);
        return new ServerProcess(builder.start());
    }

    /** The port it listens on; waits until it does. */
    public int port() throws InterruptedException {
        return Integer.parseInt(listens().group(1));
    }

    /** The port that it has beside that one for TLS; waits until it listens. */
    int tlsPort() throws InterruptedException {
        return Integer.parseInt(listens().group(2));
    }

    /** How long the start took by its own account. */
    long startMillis() throws InterruptedException {
        return Long.parseLong(listens().group(3));
    }

    private Matcher listens() throws InterruptedException {
        Matcher matcher =
                LISTENS.matcher(out.await(line -> LISTENS.matcher(line).find()));
        matcher.find();
        return matcher;
    }

    /** The first line on standard output that is like this; waits for it. */
    String awaitOut(Predicate<String> like) throws InterruptedException {
        return out.await(like);
    }

    /** The exit code; waits for the end. */
    public int exitCode() throws InterruptedException {
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError(
                    "the server still runs after " + PATIENCE + "; it said:\n" + out.all() + err.all());
        }
        return process.exitValue();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** All of standard output after the end. */
    String out() throws InterruptedException {
        exitCode();
        return out.complete();
    }

    /** All of standard error after the end. */
    String err() throws InterruptedException {
        exitCode();
        return err.complete();
    }

    /** SIGTERM, as a supervisor sends it. */
    public void terminate() {
        process.toHandle().destroy();
    }

    /** SIGKILL: it ends without a word. */
    void kill() {
        process.destroyForcibly();
    }

    /** SIGINT, as a terminal sends it. */
    void interrupt() throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
    }

    URI uri(String target) throws InterruptedException {
        return URI.create("http://127.0.0.1:" + port() + target);
    }

    HttpResponse<String> get(String target, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(target)).timeout(PATIENCE);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> post(String target, String body, String... headers) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(uri(target))
                .timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .headers(headers)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    }

    @Override
    public String toString() {
        return "said:\n" + out.all() + err.all();
    }

    /** The lines of a stream as they come. */
    private static final class Lines {
        private final List<String> lines = new ArrayList<>();
        private final CompletableFuture<Void> end;

        Lines(InputStream stream) {
            end = CompletableFuture.runAsync(() -> read(stream), task -> {
                Thread reader = new Thread(task, "server-output");
                reader.setDaemon(true);
                reader.start();
            });
        }

        private void read(InputStream stream) {
            try (BufferedReader reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                    add(line);
                }
            } catch (IOException e) {
                add("(" + e + ")");
            }
        }

        private synchronized void add(String line) {
            lines.add(line);
            notifyAll();
        }

        synchronized String await(Predicate<String> like) throws InterruptedException {
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            int seen = 0;
            while (true) {
                boolean last = end.isDone();
                for (; seen < lines.size(); seen++) {
                    if (like.test(lines.get(seen))) {
                        return lines.get(seen);
                    }
                }
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0 || last) {
                    throw new AssertionError("no such line; there was:\n" + all());
                }
                wait(Math.min(left, 100));
            }
        }

        synchronized String all() {
            return String.join("\n", lines) + "\n";
        }

        String complete() throws InterruptedException {
            try {
                end.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            } catch (ExecutionException | TimeoutException e) {
                throw new AssertionError(e);
            }
            return all();
        }
    }
}
