package dev.pushy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.pushy.core.MemorySessions;
import dev.pushy.core.Pushy;
import dev.pushy.undertow.PushyHandler;
import io.undertow.Undertow;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that hand requests on to each other over TLS, with what Java trusts. */
@Timeout(120)
class NodesOverTlsTest {
    @TempDir
    private static Path folder;

    private static SSLContext before;
    private static TestCertificate trusted;
    private static TestCertificate other;

    private final MemorySessions sessions = new MemorySessions();

    @BeforeAll
    static void makeCertificates() throws Exception {
        before = SSLContext.getDefault();
        trusted = TestCertificate.selfSigned(folder, "trusted", "EC");
        other = TestCertificate.selfSigned(folder, "other", "EC");
        SSLContext.setDefault(trusted.client());
    }

    @AfterAll
    static void forgetThem() {
        SSLContext.setDefault(before);
    }

    /** A node with a port for TLS. */
    private final class Node implements AutoCloseable {
        private final Pushy pushy = Pushy.builder().start();
        private final PushyHandler handler = PushyHandler.builder(pushy)
                .sessions(sessions.node())
                .authTimeout(Duration.ofMinutes(1))
                .build();
        private final Undertow server;

        Node(TestCertificate certificate, String name) throws Exception {
            server = Undertow.builder()
                    .addHttpsListener(0, "127.0.0.1", context(certificate))
                    .setIoThreads(1)
                    .setWorkerThreads(1)
                    .setHandler(handler)
                    .build();
            server.start();
            handler.join(URI.create("https://" + name + ":" + port()));
        }

        int port() {
            return ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
        }

        int post(TestCertificate trusted, String path, String body) throws Exception {
            HttpClient client = HttpClient.newBuilder()
                    .sslContext(trusted.client())
                    .version(HttpClient.Version.HTTP_1_1)
                    .build();
            return client.send(
                            HttpRequest.newBuilder(
                                            URI.create("https://localhost:" + port() + "/channels/sockjs/0/" + path))
                                    .timeout(Duration.ofSeconds(30))
                                    .POST(HttpRequest.BodyPublishers.ofString(body))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }

        @Override
        public void close() {
            server.stop();
            handler.close();
            pushy.close();
        }
    }

    private static SSLContext context(TestCertificate certificate) throws Exception {
        Path chain = Files.writeString(Files.createTempFile(folder, "chain", ".pem"), certificate.leaf());
        Path key = Files.writeString(Files.createTempFile(folder, "key", ".pem"), certificate.pkcs8());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                TlsIdentity.read(
                                new PemFile(ConfigKey.TLS_CERT_FILE, chain),
                                new PemFile(ConfigKey.TLS_KEY_FILE, key),
                                null)
                        .keyManagers(),
                null,
                null);
        return context;
    }

    @Test
    void node_withACertificateThatJavaTrusts_isHandedWhatIsForIt() throws Exception {
        for (String name : new String[] {"localhost", "127.0.0.1"}) {
            try (Node one = new Node(trusted, name);
                    Node two = new Node(trusted, name)) {
                assertEquals(200, one.post(trusted, "s/xhr", ""));
                for (int i = 0; i < 5; i++) {
                    assertEquals(204, two.post(trusted, "s/xhr_send", "[\"{}\"]"));
                }
                assertEquals(5, two.handler.forwardedRequests());
            }
        }
    }

    @Test
    void node_withAnotherCertificate_isToldNothing() throws Exception {
        try (Node one = new Node(other, "localhost");
                Node two = new Node(trusted, "localhost")) {
            assertEquals(200, one.post(other, "s/xhr", ""));
            assertNotEquals(204, failing(two), "it was sent to who knows whom");
        }
    }

    private static int failing(Node node) throws Exception {
        try {
            return node.post(trusted, "s/xhr_send", "[\"{}\"]");
        } catch (IOException e) {
            return 0; // the connection ended
        }
    }
}
