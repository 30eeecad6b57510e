package dev.pushy.server;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * SockJS and pusher-js as they are in the registry against two packaged servers on one Redis, behind a load balancer that
 * sends each request to the other server than the one before.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClusterClientsIT {
    private static final String CONFIG = """
            apps:
              main:
                pusher:
                  id: "1001"
                  keys:
                    - key: main-key
                      secret: secret-of-the-main-app
            """;

    private RedisProcess redis;
    private ServerProcess one;
    private ServerProcess two;
    private Balancer balancer;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        redis = RedisProcess.start(folder.resolve("redis"));
        Files.writeString(folder.resolve("pushy.yaml"), CONFIG);
        one = node(folder);
        two = node(folder);
        for (ServerProcess node : List.of(one, two)) {
            new NodeClient(node.port()).awaitReadiness(200);
        }
        balancer = Balancer.before(one.port(), two.port());
    }

    private ServerProcess node(Path folder) throws Exception {
        return ServerProcess.runJar(
                ServerJarIT.jar(),
                folder,
                Map.of("REDIS_URL", redis.url()),
                "start",
                "--dev",
                "--config",
                "pushy.yaml",
                "--port",
                "0");
    }

    @AfterAll
    void stop() throws Exception {
        for (AutoCloseable each :
                Stream.of(balancer, one, two, redis).filter(Objects::nonNull).toList()) {
            each.close();
        }
    }

    private double forwarded() throws Exception {
        double forwarded = 0;
        for (ServerProcess node : List.of(one, two)) {
            String metrics = new NodeClient(node.port()).get("/metrics").body();
            forwarded += metrics.lines()
                    .filter(line -> line.startsWith("pushy_forwarded_requests_total "))
                    .mapToDouble(line -> Double.parseDouble(line.split(" ", 2)[1]))
                    .sum();
        }
        return forwarded;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sockjs-node-xhr-streaming",
                "sockjs-node-eventsource",
                "sockjs-node-xhr-polling",
                "sockjs-browser-htmlfile",
                "sockjs-browser-jsonp-polling",
                "pusher-node-xhr_streaming",
                "pusher-node-xhr_polling"
            })
    void client_behindABalancer_findsItsSession(String scenario) throws Exception {
        double before = forwarded();
        System.out.print(Command.run(JavaScriptClientsIT.scripts(), "node", "run.mjs", scenario, balancer.url()));
        assertTrue(forwarded() > before, "nothing was handed on");
    }
}
