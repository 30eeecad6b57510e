package dev.pushy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The image and the compose file, as far as they can be judged without an engine. */
class ContainerFilesTest {
    private static final Path ROOT = Path.of("..");

    @Test
    void compose_publishesOnThisMachineOnly() throws IOException {
        List<Fault> faults = new ArrayList<>();
        ConfigYaml.file(ROOT.resolve("compose.yaml"), faults);
        assertEquals(List.of(), faults, "compose.yaml is not YAML");

        List<String> ports = new ArrayList<>();
        Matcher line = Pattern.compile("(?m)^    ports: \\[\"(.*)\"]$")
                .matcher(Files.readString(ROOT.resolve("compose.yaml")));
        while (line.find()) {
            ports.add(line.group(1));
        }
        assertEquals(List.of("127.0.0.1:4001:4000", "127.0.0.1:4002:4000", "127.0.0.1:6543:6379"), ports);
    }

    /** As far as this can be judged without an engine: what the nodes get is a configuration that they accept. */
    @Test
    void compose_joinsTheNodesThroughItsRedisAndHoldsNoSecret() throws IOException {
        String compose = Files.readString(ROOT.resolve("compose.yaml"));
        String inForce = compose.lines()
                .filter(line -> !line.strip().startsWith("#"))
                .reduce("", (all, line) -> all + line + "\n");
        Matcher url = Pattern.compile("(?m)^    REDIS_URL: \"(.*)\"$").matcher(inForce);

        assertTrue(url.find(), "the nodes have no Redis");
        ServerConfig config = ServerConfig.load(null, Map.of("REDIS_URL", url.group(1)), Map.of("dev", "true"));
        assertEquals("SINGLE [redis:6379]/0, prefix pushy:, partitions 1", String.valueOf(config.redis()));
        assertTrue(inForce.contains("condition: service_healthy"));
        assertEquals(2, inForce.split("\n +healthcheck:", -1).length - 1, "the nodes and Redis have a health check");
        assertTrue(inForce.contains("- noeviction"));
        assertFalse(
                Pattern.compile("(?i)(secret|password|_key|requirepass)")
                        .matcher(inForce)
                        .find(),
                "secrets come from outside");
    }

    @Test
    void compose_stopGracePeriod_isLongerThanTheDrainTime() throws IOException {
        Matcher period = Pattern.compile("(?m)^  stop_grace_period: (\\d+)s$")
                .matcher(Files.readString(ROOT.resolve("compose.yaml")));

        assertTrue(period.find());
        ServerConfig config = ServerConfig.load(null, Map.of(), Map.of("dev", "true"));
        assertTrue(Integer.parseInt(period.group(1)) > config.drainTime().toSeconds());
    }

    @Test
    void image_runsWithoutRightsAndHoldsNoSecret() throws IOException {
        List<String> lines = Files.readAllLines(ROOT.resolve("Dockerfile"));

        assertTrue(lines.contains("USER 10001"), "the image must not run as root");
        assertTrue(lines.stream().anyMatch(line -> line.startsWith("HEALTHCHECK")));
        assertFalse(lines.stream().anyMatch(line -> line.matches("(ENV|ARG).*(SECRET|KEY|TOKEN|PASSWORD).*")));
    }
}
