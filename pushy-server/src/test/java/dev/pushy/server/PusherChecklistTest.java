package dev.pushy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Every behaviour that the Pusher protocol asks for, by the id that it has in {@code pusher-checklist.txt}, is the name of
 * a test of this project; what of it is not tried is said there.
 */
class PusherChecklistTest {
    private static final int ROWS = 110;
    private static final Path ROOT = Path.of("..");
    private static final String ID = "[CSPKNEURWHX][0-9]{2}";
    private static final Pattern ROW = Pattern.compile("(" + ID + ") (.+?)(?: -- (.+))?");
    private static final Pattern IDS = Pattern.compile("\\b" + ID + "\\b");
    /** A method whose name begins with ids, and all that stands right above it. */
    private static final Pattern TEST =
            Pattern.compile("((?:^ +\\S.*\n)*)^ +(?:\\w+ )*void ((?:" + ID + "_)+)\\w+\\(", Pattern.MULTILINE);

    /** What each id is about. */
    private static Map<String, String> rows() throws IOException {
        Map<String, String> rows = new TreeMap<>();
        try (InputStream list = PusherChecklistTest.class.getResourceAsStream("pusher-checklist.txt")) {
            new String(list.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .forEach(line -> {
                        Matcher row = ROW.matcher(line);
                        assertEquals(true, row.matches(), line);
                        assertEquals(null, rows.put(row.group(1), row.group(2)), line + " stands twice");
                    });
        }
        return rows;
    }

    private static List<String> sources(String folder, String suffix) throws IOException {
        List<String> sources = new java.util.ArrayList<>();
        for (String module : List.of("pushy-undertow", "pushy-server")) {
            Path path = ROOT.resolve(module).resolve(folder);
            if (Files.isDirectory(path)) {
                try (Stream<Path> files = Files.walk(path)) {
                    for (Path file : (Iterable<Path>) files.filter(one ->
                            one.toString().endsWith(suffix) && !one.toString().contains("node_modules"))::iterator) {
                        sources.add(Files.readString(file));
                    }
                }
            }
        }
        assertFalse(sources.isEmpty(), "no sources below " + folder);
        return sources;
    }

    private static Set<String> idsIn(String text) {
        return IDS.matcher(text).results().map(found -> found.group()).collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> testedInJava() throws IOException {
        Set<String> tested = new TreeSet<>();
        for (String source : sources("src/test/java", ".java")) {
            Matcher test = TEST.matcher(source);
            while (test.find()) {
                String above = test.group(1);
                assertEquals(
                        true,
                        (above.contains("@Test") || above.contains("@ParameterizedTest"))
                                && !above.contains("@Disabled"),
                        test.group(2) + " is no test that runs");
                tested.addAll(idsIn(test.group(2).replace('_', ' ')));
            }
        }
        return tested;
    }

    /** Those that the names of checks with real clients have. */
    private static Set<String> triedInJavaScript() throws IOException {
        Set<String> tried = new TreeSet<>();
        for (String source : sources("src/test/js/pusher", ".mjs")) {
            source.lines().filter(line -> !line.strip().startsWith("//")).forEach(line -> tried.addAll(idsIn(line)));
        }
        return tried;
    }

    @Test
    void rows_allOfThem_areNamesOfTests() throws IOException {
        Map<String, String> rows = rows();
        Set<String> tested = testedInJava();

        assertEquals(ROWS, rows.size());
        Map<String, String> untested = new TreeMap<>(rows);
        untested.keySet().removeAll(tested);
        assertEquals(Map.of(), untested, "no test has these ids");
    }

    @Test
    void ids_thatTestsHave_areRows() throws IOException {
        Set<String> unknown = testedInJava();
        unknown.addAll(triedInJavaScript());
        unknown.removeAll(rows().keySet());

        assertEquals(Set.of(), unknown);
    }
}
