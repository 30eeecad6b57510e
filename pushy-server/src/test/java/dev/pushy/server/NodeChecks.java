package dev.pushy.server;

import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;

/**
 * A script of Node that runs many checks and tells of each in a line of JSON as it ends (checks.mjs), so that one browser
 * serves them all and each is a test of its own nevertheless. Both sides may say more, a line each.
 */
final class NodeChecks implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final Map<String, CompletableFuture<JsonNode>> said = new ConcurrentHashMap<>();
    private final Queue<String> other = new ConcurrentLinkedQueue<>();

    private NodeChecks(Process process) {
        this.process = process;
        Thread reader = new Thread(this::read, "node-checks");
        reader.setDaemon(true);
        reader.start();
    }

    static NodeChecks start(Path folder, String script) throws IOException {
        Command.require("node");
        return new NodeChecks(new ProcessBuilder("node", script)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start());
    }

    private void read() {
        try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                heard(line);
            }
        } catch (IOException e) {
            other.add(e.toString());
        }
        said.values().forEach(one -> one.completeExceptionally(new AssertionError(ended())));
        said.put("end", CompletableFuture.completedFuture(JSON.nullNode()));
    }

    private void heard(String line) throws IOException {
        if (!line.startsWith("{")) {
            other.add(line);
            return;
        }
        JsonNode said = JSON.readTree(line);
        String name = said.fieldNames().next();
        if (name.equals("check")) {
            about("check " + said.get(name).asText()).complete(said.get("failure"));
        } else {
            about(name).complete(said.get(name));
        }
    }

    private String ended() {
        return "the script ended before; it said:\n" + said();
    }

    private String said() {
        return String.join("\n", other);
    }

    private CompletableFuture<JsonNode> about(String what) {
        return said.computeIfAbsent(what, name -> new CompletableFuture<>());
    }

    /** What the script said under a name; waits for it. */
    JsonNode await(String name) throws InterruptedException {
        CompletableFuture<JsonNode> answer = about(name);
        if (said.containsKey("end") && !answer.isDone()) {
            throw new AssertionError(ended());
        }
        try {
            return answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause().getMessage(), e);
        } catch (TimeoutException e) {
            throw new AssertionError(
                    "the script did not say \"" + name + "\" within " + PATIENCE + "; it said:\n" + said());
        }
    }

    /** Runs something as soon as the script says a name, on the thread that reads it; ends the script if it throws. */
    void when(String name, Callable<?> action) {
        CompletableFuture<Void> unused = about(name).thenRun(() -> {
            try {
                action.call();
            } catch (Exception | AssertionError e) {
                other.add("when it had said \"" + name + "\": " + e);
                process.destroyForcibly();
            }
        });
    }

    /** Says a line to the script. */
    void tell(Object line) {
        try {
            process.getOutputStream().write((JSON.writeValueAsString(line) + '\n').getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
        } catch (IOException e) {
            throw new UncheckedIOException("the script no longer listens; it said:\n" + said(), e);
        }
    }

    /** Its checks as it announced them; each test waits for the end of its check. */
    Stream<DynamicTest> tests() throws InterruptedException {
        return StreamSupport.stream(await("plan").spliterator(), false)
                .map(JsonNode::asText)
                .map(name -> DynamicTest.dynamicTest(name, () -> {
                    JsonNode failure = await("check " + name);
                    if (!failure.isNull()) {
                        fail(failure.asText());
                    }
                }));
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        process.onExit().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    }

    @Override
    public String toString() {
        return "said:\n" + said();
    }
}
