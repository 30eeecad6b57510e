package dev.pushy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The one jar that is shipped. */
class ServerJarIT {
    @TempDir
    Path folder;

    @Test
    void jar_startedPlainly_isThereAndEndsWithoutAWord() throws Exception {
        try (ServerProcess server = ServerProcess.runJar(jar(), folder, Map.of(), "start", "--dev", "--port", "0")) {
            assertTrue(server.startMillis() > 0, "the start says how long it took");
            assertEquals(200, server.get("/health/ready").statusCode());
            assertTrue(server.get("/metrics").body().contains("jvm_memory_bytes_used"));
            server.terminate();
            assertEquals(0, server.exitCode());
            assertEquals("\n", server.err());
        }
    }

    @Test
    void jar_version_isThatOfTheBuild() throws Exception {
        try (ServerProcess server = ServerProcess.runJar(jar(), folder, Map.of(), "--version")) {
            assertEquals(0, server.exitCode());
            assertTrue(server.out().matches("pushy \\d+\\.\\d+\\.\\d+\\S*\n"), server.out());
        }
    }

    /** The jar that this build has packaged. */
    static Path jar() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("target"))) {
            List<Path> jars = files.filter(file -> file.getFileName().toString().matches("pushy-server-.*-all\\.jar"))
                    .toList();
            assertFalse(jars.isEmpty(), "there is no jar; mvn verify packages it before this test");
            return jars.get(0).toAbsolutePath();
        }
    }
}
