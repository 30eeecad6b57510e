package dev.pushy.examples.embedded;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The Java that README.md and the documentation show is Java of the examples, which is compiled and tried. */
class JavaOfTheDocsTest {
    private static final Path ROOT = Path.of("../..");
    private static final Pattern BLOCK = Pattern.compile("(?m)^```java\n(.*?)^```$", Pattern.DOTALL);

    /** Without indentation and empty lines. */
    private static String plain(String text) {
        return text.lines().map(String::strip).filter(line -> !line.isEmpty()).collect(Collectors.joining("\n"));
    }

    private static List<String> sources() throws IOException {
        List<String> sources = new ArrayList<>();
        try (Stream<Path> files = Files.walk(ROOT.resolve("examples"))) {
            for (Path file : (Iterable<Path>) files.filter(one -> one.toString().endsWith(".java"))::iterator) {
                sources.add(plain(Files.readString(file)));
            }
        }
        return sources;
    }

    @ParameterizedTest
    @ValueSource(strings = {"README.md", "docs/embedding.md", "docs/adapters.md"})
    void java_ofAPage_standsInAnExample(String page) throws IOException {
        List<String> sources = sources();
        Matcher block = BLOCK.matcher(Files.readString(ROOT.resolve(page)));
        int blocks = 0;
        while (block.find()) {
            String shown = plain(block.group(1));
            assertFalse(shown.isEmpty());
            assertTrue(
                    sources.stream().anyMatch(source -> source.contains(shown)),
                    page + " shows lines that stand in no example:\n" + shown);
            blocks++;
        }
        assertTrue(blocks > 0, page + " has no java block");
    }
}
