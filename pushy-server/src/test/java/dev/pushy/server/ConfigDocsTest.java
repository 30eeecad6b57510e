package dev.pushy.server;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page on configuration says what the code does. {@code -Dpushy.docs.write=true} writes the table anew. */
class ConfigDocsTest {
    private static final Path PAGE = Path.of("..", "docs", "configuration.md");
    private static final String BEGIN = "<!-- keys: made from ConfigKey, do not edit -->\n";
    private static final String END = "<!-- end of keys -->";

    @Test
    void page_table_isThatOfTheCode() throws IOException {
        String page = Files.readString(PAGE);
        int begin = page.indexOf(BEGIN) + BEGIN.length();
        int end = page.indexOf(END);
        assertTrue(begin >= BEGIN.length() && end >= begin, "docs/configuration.md has lost the marks of its table");
        if (Boolean.getBoolean("pushy.docs.write")) {
            page = page.substring(0, begin) + ConfigDocs.table() + page.substring(end);
            Files.writeString(PAGE, page);
            end = page.indexOf(END);
        }

        assertEquals(
                ConfigDocs.table(),
                page.substring(begin, end),
                "write it anew: mvn -pl pushy-server -am test -Dtest=ConfigDocsTest -Dpushy.docs.write=true"
                        + " -Dsurefire.failIfNoSpecifiedTests=false");
    }

    /** A sample is the configuration, or the file of the apps if its first line says so. */
    @Test
    void pages_sampleFiles_areAccepted(@TempDir Path folder) throws IOException {
        int samples = 0;
        for (Path page : pages()) {
            Matcher sample =
                    Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(page));
            while (sample.find()) {
                Path file = Files.writeString(folder.resolve("sample.yaml"), sample.group(1));
                boolean apps = sample.group(1).startsWith("# apps.yaml\n");
                Map<String, String> flags = apps ? Map.of("apps-file", file.toString()) : Map.of();
                assertDoesNotThrow(
                        () -> ServerConfig.load(apps ? null : file, Map.of(), flags),
                        () -> "a sample of " + page + " will not do");
                samples++;
            }
        }

        assertTrue(samples > 0, "the pages show no sample");
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> files = Files.list(PAGE.getParent())) {
            return files.filter(file -> file.toString().endsWith(".md")).toList();
        }
    }
}
