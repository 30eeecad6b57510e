package dev.pushy.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/** A program of the system that a test needs: it is there, or the test fails and says how to get it. */
final class Command {
    private static final long PATIENCE_SECONDS = 240;

    private Command() {}

    /** Fails if the program is not on the PATH. */
    static void require(String program) {
        boolean found = Arrays.stream(System.getenv("PATH").split(java.io.File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
        if (!found) {
            throw new AssertionError(program + " is not on the PATH: run bin/check, which installs it where it may");
        }
    }

    /**
     * What a program says, standard error too.
     *
     * @throws AssertionError with all of it if the exit code is not 0 or the program does not end
     */
    static String run(Path folder, String... command) throws IOException, InterruptedException {
        require(command[0]);
        Path said = Files.createTempFile("pushy-command", ".txt");
        try {
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(said.toFile())
                    .start();
            process.getOutputStream().close();
            boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (!ended) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly().waitFor();
            }
            String text = Files.readString(said, StandardCharsets.UTF_8);
            if (!ended || process.exitValue() != 0) {
                throw new AssertionError(String.join(" ", command)
                        + (ended ? " ended with " + process.exitValue() : " did not end") + "; it said:\n" + text);
            }
            return text;
        } finally {
            Files.delete(said);
        }
    }
}
