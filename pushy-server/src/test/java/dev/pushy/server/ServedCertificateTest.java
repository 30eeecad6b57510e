package dev.pushy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServedCertificateTest {
    private static TestCertificate one;
    private static TestCertificate other;

    @TempDir
    Path folder;

    private final List<SSLContext> changes = new ArrayList<>();
    private Instant now = Instant.now();

    @BeforeAll
    static void make(@TempDir Path stores) throws Exception {
        one = TestCertificate.selfSigned(stores, "one", "EC", "-validity", "30");
        other = TestCertificate.selfSigned(stores, "other", "EC", "-validity", "300");
    }

    @Test
    void look_twoWeeksBeforeTheEnd_warnsOnceADay() throws Exception {
        try (RecordedLog log = new RecordedLog(ServedCertificate.class)) {
            ServedCertificate certificate = certificate();
            certificate.look(changes::add);
            assertEquals(List.of(), log.messages(Level.WARN));

            now = now.plus(Duration.ofDays(17));
            certificate.look(changes::add);
            certificate.look(changes::add);
            assertEquals(1, log.messages(Level.WARN).size());
            assertTrue(log.messages(Level.WARN).get(0).contains("expires on " + certificate.expiry()));

            now = now.plus(Duration.ofDays(1));
            certificate.look(changes::add);
            assertEquals(2, log.messages(Level.WARN).size());

            now = now.plus(Duration.ofDays(13));
            certificate.look(changes::add);
            assertTrue(log.messages(Level.WARN).get(2).contains("expired on " + certificate.expiry()));
            assertEquals(List.of(), changes);
        }
    }

    @Test
    void look_renewed_handsOutTheNewOne() throws Exception {
        ServedCertificate certificate = certificate();
        Instant before = certificate.expiry();
        write(other);

        certificate.look(changes::add);
        certificate.look(changes::add);

        assertEquals(1, changes.size());
        assertTrue(certificate.expiry().isAfter(before.plus(Duration.ofDays(200))));
    }

    private ServedCertificate certificate() throws Exception {
        write(one);
        return new ServedCertificate(
                new TlsConfig(0, false, folder.resolve("cert.pem"), folder.resolve("key.pem"), null, "1.2"), () -> now);
    }

    private void write(TestCertificate certificate) throws Exception {
        Files.writeString(folder.resolve("cert.pem"), certificate.leaf());
        Files.writeString(folder.resolve("key.pem"), certificate.pkcs8());
    }
}
