package dev.pushy.server;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A bash that is given commands one block after the other, as somebody pastes them into a terminal: variables and
 * background jobs stay, and a program in the foreground has a keyboard on which nobody types.
 */
final class Terminal implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 60;
    private static final String DRIVER = """
            mkfifo "$KEYBOARD"
            while IFS= read -r block; do source "$block" 0<>"$KEYBOARD"; done
            """;

    private final Path folder;
    private final Process bash;
    private final PrintStream input;
    private final List<String> lines = new ArrayList<>();
    private int blocks;

    /**
     * Opens a terminal.
     *
     * @param at its working directory
     * @param folder for files of its own
     */
    Terminal(Path at, Path folder, Map<String, String> environment) throws IOException {
        this.folder = folder;
        ProcessBuilder builder =
                new ProcessBuilder("bash", "-c", DRIVER).directory(at.toFile()).redirectErrorStream(true);
        builder.environment().putAll(environment);
        builder.environment().put("KEYBOARD", folder.resolve("keyboard").toString());
        this.bash = builder.start();
        this.input = new PrintStream(bash.getOutputStream(), true, StandardCharsets.UTF_8);
        Thread reader = new Thread(this::read, "terminal");
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(bash.getInputStream(), StandardCharsets.UTF_8))) {
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

    /** How many lines there are by now. */
    synchronized int length() {
        return lines.size();
    }

    /** Runs commands; what they say is there when it comes. */
    void paste(String commands) throws IOException {
        Path block = folder.resolve("block-" + ++blocks + ".sh");
        Files.writeString(block, commands);
        input.println(block);
    }

    /** Waits until the lines from this one on are as they should be. */
    synchronized void await(int from, Predicate<List<String>> condition, String what) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.test(List.copyOf(lines.subList(from, lines.size())))) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                throw new AssertionError("not within " + PATIENCE_SECONDS + " s: " + what + "\nThere was:\n"
                        + String.join("\n", lines.subList(from, lines.size())));
            }
            wait(Math.min(left, 1_000));
        }
    }

    /** Ends it and all that it started. */
    @Override
    public void close() {
        bash.descendants().forEach(ProcessHandle::destroyForcibly);
        bash.destroyForcibly();
        bash.onExit().orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
    }
}
