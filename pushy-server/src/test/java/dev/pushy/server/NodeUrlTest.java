package dev.pushy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where other nodes reach one: as configured, or as found out. */
class NodeUrlTest {
    private static final Map<String, String> DEV = Map.of("REDIS_URL", "redis://127.0.0.1:1");

    private static ServerConfig load(Map<String, String> environment, Map<String, String> flags) {
        Map<String, String> all = new HashMap<>(flags);
        all.put("dev", "true");
        return ServerConfig.load(null, environment, all);
    }

    private static Listen listen(String bind) {
        return load(DEV, Map.of("bind", bind)).listen();
    }

    @ParameterizedTest
    @CsvSource({
        "http://10.0.0.5:4000,http://10.0.0.5:4000",
        "http://node-1/,http://node-1",
        "https://node-1.example.com,https://node-1.example.com",
        "http://[fd00::1]:80,http://[fd00::1]:80"
    })
    void nodeUrl_thatWillDo_isTaken(String text, URI url) {
        assertEquals(url, load(DEV, Map.of("node-url", text)).nodeUrl());
        Map<String, String> environment = new HashMap<>(DEV);
        environment.put("PUSHY_NODE_URL", text);
        assertEquals(url, load(environment, Map.of()).nodeUrl());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.0.5:4000",
                "ftp://10.0.0.5",
                "http://10.0.0.5:4000/push",
                "http://me:secret@10.0.0.5",
                "http://10.0.0.5?x",
                "http://10.0.0.5#x",
                "http://:4000",
                "http://a b",
                "mailto:me@example.com"
            })
    void nodeUrl_thatIsNoAddressOfAServer_isAFault(String text) {
        ConfigException refused = assertThrows(ConfigException.class, () -> load(DEV, Map.of("node-url", text)));
        assertTrue(refused.faults().stream().anyMatch(fault -> fault.message().contains("it should be http:// or")));
    }

    @Test
    void nodeUrl_withoutRedis_isAFault() {
        ConfigException refused =
                assertThrows(ConfigException.class, () -> load(Map.of(), Map.of("node-url", "http://10.0.0.5")));
        assertTrue(refused.faults().stream().anyMatch(fault -> fault.message().contains("without redis-url")));
        assertNull(load(Map.of(), Map.of()).nodeUrl());
    }

    @Test
    void standard_ofABoundAddress_isThatAddress() {
        assertEquals(Optional.of(URI.create("http://127.0.0.1:4001")), NodeUrl.standard(listen("127.0.0.1"), 4001));
        assertEquals(Optional.of(URI.create("http://[0:0:0:0:0:0:0:1]:4001")), NodeUrl.standard(listen("::1"), 4001));
    }

    @Test
    void standard_ofAllAddresses_isOneOfThisMachine() throws Exception {
        URI url = NodeUrl.standard(listen("0.0.0.0"), 4001).orElseThrow();
        InetAddress address = InetAddress.getByName(url.getHost());
        assertFalse(address.isAnyLocalAddress());
        assertTrue(
                address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null,
                () -> url + " is not of this machine");
        assertEquals(4001, url.getPort());
    }
}
