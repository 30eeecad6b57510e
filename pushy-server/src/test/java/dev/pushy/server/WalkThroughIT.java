package dev.pushy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * README.md's walk-through, word for word: its commands are run in the order in which they stand, and what it says that
 * they print is printed, ids and times aside. Only if port 4000 is taken on this machine another one stands in for it. The
 * pages of the documentation likewise, against a server on a free port.
 */
class WalkThroughIT {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final int PORT = 4000;
    private static final Pattern BLOCK = Pattern.compile("(?m)^```(sh|text)\n(.*?)^```$", Pattern.DOTALL);
    /** What differs from run to run. */
    private static final Pattern VARIES =
            Pattern.compile("(?<=\"(?:id|cursor|connection)\":\")[^\"]*|(?<=\"time\":)[0-9]+|(?<=^id: ).*");

    private static final Pattern PORT_OF = Pattern.compile("(?<=:)[0-9]{4}\\b");

    /** Commands, and the lines that README.md says they print. */
    private record Step(String commands, List<String> printed) {
        boolean isDone(List<String> lines) {
            List<String> left = new ArrayList<>(lines);
            for (String line : printed) {
                if (!take(left, pattern(line))) {
                    return false;
                }
            }
            return true;
        }

        private static boolean take(List<String> left, Pattern line) {
            for (int i = 0; i < left.size(); i++) {
                if (line.matcher(left.get(i)).matches()) {
                    left.remove(i);
                    return true;
                }
            }
            return takeFromBegin(left, line);
        }

        /** A program in the background may print between another one's last text and the end of its line. */
        private static boolean takeFromBegin(List<String> left, Pattern line) {
            for (int i = 0; i < left.size(); i++) {
                Matcher begin = line.matcher(left.get(i));
                if (begin.lookingAt() && begin.end() > 0) {
                    left.set(i, left.get(i).substring(begin.end()));
                    return true;
                }
            }
            return false;
        }

        /** A line that ends in dots stands for all that begin like it. */
        private static Pattern pattern(String line) {
            StringBuilder pattern = new StringBuilder();
            boolean open = line.endsWith("...");
            String text = open ? line.substring(0, line.length() - 3) : line;
            Matcher varies = VARIES.matcher(text);
            int end = 0;
            while (varies.find()) {
                pattern.append(Pattern.quote(text.substring(end, varies.start())))
                        .append("[^\"\\s]*");
                end = varies.end();
            }
            return Pattern.compile(pattern + Pattern.quote(text.substring(end)) + (open ? ".*" : ""));
        }
    }

    private static String section(String readme, String title) {
        int begin = readme.indexOf("\n## " + title + "\n");
        assertTrue(begin >= 0, "README.md has no section " + title);
        int end = readme.indexOf("\n## ", begin + 1);
        return readme.substring(begin, end < 0 ? readme.length() : end);
    }

    private static List<Step> steps(String section) {
        List<Step> steps = new ArrayList<>();
        Matcher block = BLOCK.matcher(section);
        while (block.find()) {
            if (block.group(1).equals("sh")) {
                steps.add(new Step(block.group(2), new ArrayList<>()));
            } else {
                block.group(2).lines().forEach(steps.get(steps.size() - 1).printed()::add);
            }
        }
        return steps;
    }

    private static int port() throws IOException {
        try (ServerSocket wanted = new ServerSocket(PORT, 1, InetAddress.getLoopbackAddress())) {
            return wanted.getLocalPort();
        } catch (IOException taken) {
            try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                return other.getLocalPort();
            }
        }
    }

    private static ServerProcess start(String readme, int port) throws IOException {
        String line = section(readme, "Two commands")
                .lines()
                .filter(one -> one.startsWith("bin/pushy "))
                .findFirst()
                .orElseThrow();
        List<String> command =
                new ArrayList<>(List.of(line.replaceAll(" *#.*", "").split(" ")));
        if (port != PORT) {
            command.addAll(List.of("--port", Integer.toString(port)));
        }
        ProcessBuilder builder = new ProcessBuilder(command).directory(ROOT.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("PUSHY_") || name.equals("PORT"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        return new ServerProcess(builder.start());
    }

    @Test
    void walkThrough_wordForWord_printsWhatItSays(@TempDir Path folder) throws Exception {
        Path programs = Path.of("src/test/js/node_modules/.bin").toAbsolutePath();
        Command.require("curl");
        Command.require("node");
        assertTrue(Files.exists(programs.resolve("wscat")), "wscat is missing: run bin/check, which installs it");
        String readme = Files.readString(ROOT.resolve("README.md"));
        List<Step> steps = steps(section(readme, "Walk-through"));
        assertFalse(steps.isEmpty());
        int port = port();
        Map<String, String> environment = Map.of("PATH", programs + File.pathSeparator + System.getenv("PATH"));

        try (ServerProcess server = start(readme, port);
                Terminal terminal = new Terminal(ROOT, folder, environment)) {
            assertEquals(port, server.port());
            play(steps, terminal, port, "README.md");
            server.interrupt();
            assertEquals(0, server.exitCode());
        }
    }

    /** Two nodes on one Redis, as the compose file has them: what one takes the other hands out. */
    @Test
    void severalNodes_ofTheReadme_printWhatItSays(@TempDir Path folder) throws Exception {
        Command.require("curl");
        List<Step> steps = steps(section(Files.readString(ROOT.resolve("README.md")), "Several nodes")).stream()
                .filter(step -> !step.printed.isEmpty())
                .toList();
        assertEquals(2, steps.size(), "one listens, one publishes");
        try (RedisProcess redis = RedisProcess.start(folder);
                ServerProcess one = start(folder, redis);
                ServerProcess two = start(folder, redis);
                Terminal terminal = new Terminal(ROOT, folder, Map.of())) {
            for (ServerProcess node : List.of(one, two)) {
                new NodeClient(node.port()).awaitReadiness(200);
            }
            Map<Integer, Integer> ports = Map.of(4001, one.port(), 4002, two.port());
            play(steps, terminal, ports, "README.md");
        }
    }

    private static ServerProcess start(Path folder, RedisProcess redis) throws IOException {
        Map<String, String> environment = Map.of("REDIS_URL", redis.url());
        return ServerProcess.runJar(ServerJarIT.jar(), folder, environment, "start", "--dev", "--port", "0");
    }

    private static void play(List<Step> steps, Terminal terminal, int port, String page) throws Exception {
        play(steps, terminal, Map.of(PORT, port), page);
    }

    private static void play(List<Step> steps, Terminal terminal, Map<Integer, Integer> ports, String page)
            throws Exception {
        for (Step step : steps) {
            int from = terminal.length();
            terminal.paste(PORT_OF.matcher(step.commands).replaceAll(port -> {
                int written = Integer.parseInt(port.group());
                return Integer.toString(ports.getOrDefault(written, written));
            }));
            terminal.await(from, step::isDone, "what " + page + " says of\n" + step.commands + step.printed);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"docs/api.md", "docs/delivery.md", "docs/pusher.md"})
    void page_ofTheDocs_printsWhatItSays(String page, @TempDir Path folder) throws Exception {
        Command.require("curl");
        List<Step> steps = steps(Files.readString(ROOT.resolve(page)));
        assertFalse(steps.isEmpty());

        try (ServerProcess server =
                        ServerProcess.runJar(ServerJarIT.jar(), folder, Map.of(), "start", "--dev", "--port", "0");
                Terminal terminal = new Terminal(ROOT, folder, Map.of())) {
            play(steps, terminal, server.port(), page);
        }
    }
}
