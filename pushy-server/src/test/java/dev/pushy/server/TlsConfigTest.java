package dev.pushy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TlsConfigTest {
    private static final Map<String, String> FILES = Map.of("tls.cert-file", "c.pem", "tls.key-file", "k.pem");

    @Test
    void read_nothing_isNoTls() {
        assertNull(listen(Map.of(), Map.of()).tls());
    }

    @Test
    void read_files_areEnough() {
        TlsConfig tls = tls(Map.of(), FILES);

        assertEquals(8443, tls.port());
        assertFalse(tls.only());
        assertEquals(List.of(Path.of("c.pem"), Path.of("k.pem")), tls.files());
        assertEquals(List.of("TLSv1.2", "TLSv1.3"), tls.versions());
    }

    @Test
    void read_minimumOf13_leaves12Out() {
        assertEquals(
                List.of("TLSv1.3"),
                tls(Map.of(), with("tls.min-version", "1.3")).versions());
    }

    @Test
    void read_namesOfPoxa_areUnderstood() {
        Map<String, String> poxa = Map.of(
                "POXA_SSL", "true",
                "SSL_PORT", "9443",
                "SSL_CERTFILE", "c.pem",
                "SSL_KEYFILE", "k.pem",
                "SSL_CACERTFILE", "ca.pem");

        assertEquals(
                new TlsConfig(9443, false, Path.of("c.pem"), Path.of("k.pem"), Path.of("ca.pem"), "1.2"),
                tls(poxa, Map.of()));
    }

    @Test
    void read_switchedOff_isNoTlsWhateverElseIsSet() {
        assertNull(listen(Map.of("POXA_SSL", "false"), FILES).tls());
        assertNull(listen(Map.of("POXA_SSL", "false"), Map.of()).tls());
    }

    @ParameterizedTest
    @CsvSource({
        "tls.enabled, true, tls.cert-file: is missing",
        "tls.enabled, true, tls.key-file: is missing",
        "tls.cert-file, c.pem, tls.key-file: is missing",
        "tls.key-file, k.pem, tls.cert-file: is missing",
        "tls.only, true, tls.only: leaves no port to listen on",
        "tls.min-version, 1.1, tls.min-version: \"1.1\" will not do; it should be one of 1.2"
    })
    void read_incomplete_saysWhatIsMissing(String key, String value, String fault) {
        assertFault(fault, Map.of(key, value));
    }

    @Test
    void read_portOfSomethingElse_isAFault() {
        assertFault("tls.port: is the port without TLS", with("tls.port", "4000"));
        assertFault("metrics.port: is a main port", with("metrics.port", "8443"));
    }

    @Test
    void read_onlyTls_mayTakeTheMainPort() {
        Map<String, String> flags = with("tls.port", "4000");
        flags.put("tls.only", "true");
        Listen listen = listen(Map.of(), flags);

        assertFalse(listen.plain());
        assertEquals(List.of(4000), listen.ports());
    }

    private static Map<String, String> with(String key, String value) {
        Map<String, String> flags = new TreeMap<>(FILES);
        flags.put(key, value);
        return flags;
    }

    private static TlsConfig tls(Map<String, String> environment, Map<String, String> flags) {
        TlsConfig tls = listen(environment, flags).tls();
        assertNotNull(tls);
        return tls;
    }

    private static Listen listen(Map<String, String> environment, Map<String, String> flags) {
        return load(environment, flags).listen();
    }

    private static ServerConfig load(Map<String, String> environment, Map<String, String> flags) {
        Map<String, String> all = new TreeMap<>(flags);
        all.put("dev", "true");
        return ServerConfig.load(null, environment, all);
    }

    private static void assertFault(String part, Map<String, String> flags) {
        String message =
                assertThrows(ConfigException.class, () -> load(Map.of(), flags)).getMessage();
        assertTrue(message.contains(part), message);
    }
}
