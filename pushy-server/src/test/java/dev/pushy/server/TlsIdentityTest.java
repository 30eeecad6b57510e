package dev.pushy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsIdentityTest {
    private static TestCertificate rsa;
    private static TestCertificate ec;
    private static TestCertificate issued;

    @TempDir
    Path folder;

    @BeforeAll
    static void make(@TempDir Path stores) throws Exception {
        rsa = TestCertificate.selfSigned(stores, "rsa", "RSA");
        ec = TestCertificate.selfSigned(stores, "ec", "EC", "-groupname", "secp256r1");
        issued = TestCertificate.issued(stores, "issued");
    }

    @Test
    void read_everyFormOfKey_isTheSame() throws Exception {
        for (TestCertificate certificate : new TestCertificate[] {rsa, ec}) {
            for (String key : new String[] {certificate.pkcs8(), certificate.older()}) {
                TlsIdentity identity = read(certificate.leaf(), key, null);

                assertEquals(certificate.chain(), identity.chain());
                assertEquals(
                        ((X509Certificate) certificate.chain().get(0))
                                .getNotAfter()
                                .toInstant(),
                        identity.expiry());
            }
        }
    }

    @Test
    void read_keyAndCertificateInOneFileWithTextAround_areFound() throws Exception {
        String all = "subject=/CN=ec\n" + ec.older() + "\nissuer=/CN=ec\n"
                + ec.leaf().replace("\n", "\r\n");

        assertEquals(ec.chain(), read(all, all, null).chain());
    }

    @Test
    void read_issuersInAnyOrderAndOtherFile_areSentInOrderWithoutRoot() throws Exception {
        String others = rsa.leaf() + issued.issuers();
        for (TlsIdentity identity : new TlsIdentity[] {
            read(issued.leaf() + others, issued.pkcs8(), null), read(issued.leaf(), issued.pkcs8(), others)
        }) {
            assertEquals(issued.chain().subList(0, 2), identity.chain());
        }
    }

    @Test
    void read_keyOfAnotherCertificate_isRefused() throws Exception {
        String message = refusal(ec.leaf(), issued.pkcs8());

        assertContains(message, "tls.key-file: " + folder.resolve("key.pem") + ": belongs to another certificate");
        assertContains(message, "is for CN=ec");
        assertContains(refusal(rsa.leaf(), ec.pkcs8()), "is no RSA key, or a damaged one");
        assertContains(refusal(ec.leaf(), rsa.older()), "is no EC key, or a damaged one");
    }

    @Test
    void read_lockedKey_saysHowToUnlockIt() throws Exception {
        byte[] any = {1, 2, 3};
        String older = TestCertificate.block("RSA PRIVATE KEY", any)
                .replace("KEY-----\nA", "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nA");

        for (String key : new String[] {TestCertificate.block("ENCRYPTED PRIVATE KEY", any), older}) {
            assertContains(refusal(rsa.leaf(), key), "is encrypted, and nobody is there to type its pass phrase");
        }
    }

    @Test
    void read_badFiles_areToldTogether() throws Exception {
        String message = refusal("no certificate", "-----BEGIN PRIVATE KEY-----\nMIIE\n");

        assertContains(message, "tls.cert-file: " + folder.resolve("cert.pem") + ": holds no certificate");
        assertContains(message, "tls.key-file: " + folder.resolve("key.pem") + ": holds no private key");
    }

    @Test
    void read_damagedCertificate_isRefused() throws Exception {
        String damaged = TestCertificate.block("CERTIFICATE", new byte[] {0x30, 3, 1, 2, 3});

        assertContains(refusal(ec.leaf() + damaged, ec.pkcs8()), "holds a certificate that is damaged (number 2)");
    }

    @Test
    void read_missingFiles_areTold() throws Exception {
        TlsConfig config = new TlsConfig(
                0, false, folder.resolve("a.pem"), folder.resolve("b.pem"), folder.resolve("c.pem"), "1.2");

        String message = assertThrows(ConfigException.class, () -> TlsIdentity.read(config))
                .getMessage();

        assertContains(message, "tls.cert-file: " + folder.resolve("a.pem") + ": there is no such file");
        assertContains(message, "tls.key-file: " + folder.resolve("b.pem") + ": there is no such file");
        assertContains(message, "tls.ca-file: " + folder.resolve("c.pem") + ": there is no such file");
    }

    @Test
    void read_keyThatIsNeitherRsaNorEc_isRefused(@TempDir Path stores) throws Exception {
        TestCertificate other = TestCertificate.selfSigned(stores, "other", "Ed25519");

        assertContains(refusal(other.leaf(), other.pkcs8()), "use one for an RSA or an EC key");
    }

    private TlsIdentity read(String certificate, String key, @Nullable String issuers) throws Exception {
        Path ca = issuers == null ? null : Files.writeString(folder.resolve("ca.pem"), issuers);
        return TlsIdentity.read(new TlsConfig(
                0,
                false,
                Files.writeString(folder.resolve("cert.pem"), certificate),
                Files.writeString(folder.resolve("key.pem"), key),
                ca,
                "1.2"));
    }

    private String refusal(String certificate, String key) throws Exception {
        return assertThrows(ConfigException.class, () -> read(certificate, key, null))
                .getMessage();
    }

    private static void assertContains(String text, String part) {
        assertTrue(text.contains(part), () -> "\"" + part + "\" is not in:\n" + text);
    }
}
