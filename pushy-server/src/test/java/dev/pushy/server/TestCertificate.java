package dev.pushy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A key with its certificate, made by the JDK's own tool for this run of the tests, in all forms that files have. */
record TestCertificate(Key key, List<Certificate> chain) {
    private static final String PASSWORD = "only-for-this-test";
    private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});
    private static final byte[] P256 = HexFormat.of().parseHex("06082a8648ce3d030107");

    /**
     * A certificate for this machine, signed by its own key.
     *
     * @param algorithm such as {@code EC}
     * @param more further arguments of the tool
     */
    static TestCertificate selfSigned(Path folder, String name, String algorithm, String... more) throws Exception {
        Path store = folder.resolve(name + ".p12");
        List<String> arguments = new ArrayList<>(List.of("-genkeypair", "-alias", name, "-keyalg", algorithm));
        arguments.addAll(List.of("-dname", "CN=" + name, "-ext", "san=dns:localhost,ip:127.0.0.1"));
        arguments.addAll(Arrays.asList(more));
        keytool(store, arguments);
        return load(store, name);
    }

    /** A certificate for this machine, signed by an intermediate one, and that by a root. */
    static TestCertificate issued(Path folder, String name) throws Exception {
        Path store = folder.resolve(name + ".p12");
        for (String alias : List.of("root", "middle", name)) {
            List<String> pair = new ArrayList<>(List.of("-genkeypair", "-alias", alias, "-keyalg", "EC"));
            pair.addAll(List.of("-dname", "CN=" + alias, "-ext", alias.equals(name) ? "san=ip:127.0.0.1" : "bc:c"));
            keytool(store, pair);
        }
        sign(folder, store, "middle", "root", "bc:c");
        sign(folder, store, name, "middle", "san=ip:127.0.0.1");
        return load(store, name);
    }

    private static void sign(Path folder, Path store, String alias, String by, String extension) throws Exception {
        String request = folder.resolve(alias + ".csr").toString();
        String signed = folder.resolve(alias + ".crt").toString();
        keytool(store, List.of("-certreq", "-alias", alias, "-file", request));
        keytool(store, List.of("-gencert", "-alias", by, "-ext", extension, "-infile", request, "-outfile", signed));
        keytool(store, List.of("-importcert", "-noprompt", "-alias", alias, "-file", signed));
    }

    private static void keytool(Path store, List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(arguments);
        command.addAll(List.of("-storetype", "PKCS12", "-keystore", store.toString(), "-storepass", PASSWORD));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
    }

    private static TestCertificate load(Path file, String alias) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD.toCharArray());
        }
        return new TestCertificate(
                store.getKey(alias, PASSWORD.toCharArray()), List.of(store.getCertificateChain(alias)));
    }

    /** The certificate alone. */
    String leaf() throws GeneralSecurityException {
        return block("CERTIFICATE", chain.get(0).getEncoded());
    }

    /** The certificates of the issuers, the root first: in no order that could be sent. */
    String issuers() throws GeneralSecurityException {
        StringBuilder text = new StringBuilder();
        for (int i = chain.size() - 1; i > 0; i--) {
            text.append(block("CERTIFICATE", chain.get(i).getEncoded()));
        }
        return text.toString();
    }

    /** The key as PKCS#8. */
    String pkcs8() {
        return block("PRIVATE KEY", key.getEncoded());
    }

    /** The key in the older form of its algorithm, written here from its numbers. */
    String older() {
        if (key instanceof RSAPrivateCrtKey rsa) {
            return block(
                    "RSA PRIVATE KEY",
                    der(
                            0x30,
                            integer(BigInteger.ZERO),
                            integer(rsa.getModulus()),
                            integer(rsa.getPublicExponent()),
                            integer(rsa.getPrivateExponent()),
                            integer(rsa.getPrimeP()),
                            integer(rsa.getPrimeQ()),
                            integer(rsa.getPrimeExponentP()),
                            integer(rsa.getPrimeExponentQ()),
                            integer(rsa.getCrtCoefficient())));
        }
        byte[] number = ((ECPrivateKey) key).getS().toByteArray();
        byte[] padded = new byte[32];
        int length = Math.min(32, number.length);
        System.arraycopy(number, number.length - length, padded, 32 - length, length);
        return "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
                + block("EC PRIVATE KEY", der(0x30, integer(BigInteger.ONE), der(0x04, padded), der(0xa0, P256)));
    }

    /** A context of a client that trusts the last certificate of the chain, and nobody else. */
    SSLContext client() throws GeneralSecurityException, IOException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("root", chain.get(chain.size() - 1));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    static String block(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n" + LINES.encodeToString(der) + "\n-----END " + label + "-----\n";
    }

    private static byte[] integer(BigInteger number) {
        return der(0x02, number.toByteArray());
    }

    private static byte[] der(int tag, byte[]... parts) {
        int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (length >= 0x100) {
            out.write(0x82);
            out.write(length >> 8);
        } else if (length >= 0x80) {
            out.write(0x81);
        }
        out.write(length);
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
