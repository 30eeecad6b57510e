package dev.pushy.server;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * Who the server is over TLS: a private key, and the certificate for it with those of its issuers. Read from PEM files
 * and checked as far as it can be without a client.
 *
 * <p>The few lines of ASN.1 that this needs are our own: the libraries that read private keys bring a second security
 * provider or a toolkit along, each larger than the server.
 */
final class TlsIdentity {
    private final PrivateKey key;
    private final List<X509Certificate> chain;

    private TlsIdentity(PrivateKey key, List<X509Certificate> chain) {
        this.key = key;
        this.chain = List.copyOf(chain);
    }

    /**
     * Reads the files.
     *
     * @throws ConfigException with what is wrong with them
     */
    static TlsIdentity read(TlsConfig config) {
        List<Fault> faults = new ArrayList<>();
        List<X509Certificate> certificates = certificates(ConfigKey.TLS_CERT_FILE, config.certFile(), faults);
        Optional<Pem> block = keyBlock(config.keyFile(), faults);
        List<X509Certificate> issuers = new ArrayList<>(certificates);
        if (config.caFile() != null) {
            issuers.addAll(certificates(ConfigKey.TLS_CA_FILE, config.caFile(), faults));
        }
        if (faults.isEmpty()) {
            X509Certificate leaf = certificates.get(0);
            try {
                PrivateKey key = PrivateKeys.read(block.orElseThrow(), leaf.getPublicKey());
                return new TlsIdentity(key, chain(leaf, issuers));
            } catch (IllegalArgumentException e) {
                faults.add(fault(
                        ConfigKey.TLS_KEY_FILE,
                        config.keyFile(),
                        e.getMessage() + "; the first certificate of " + config.certFile() + " is for "
                                + leaf.getSubjectX500Principal()));
            }
        }
        throw new ConfigException(faults);
    }

    private static List<X509Certificate> certificates(ConfigKey key, Path file, List<Fault> faults) {
        List<X509Certificate> certificates = new ArrayList<>();
        Optional<List<Pem>> blocks = blocks(key, file, faults);
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            for (Pem block : blocks.orElse(List.of())) {
                if (block.label().equals("CERTIFICATE")) {
                    certificates.add(
                            (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(block.der())));
                }
            }
            if (blocks.isPresent() && certificates.isEmpty()) {
                faults.add(fault(
                        key,
                        file,
                        "holds no certificate; it should have a block that begins with"
                                + " -----BEGIN CERTIFICATE-----, whole to its end"));
            }
        } catch (CertificateException e) {
            faults.add(
                    fault(key, file, "holds a certificate that is damaged (number " + (certificates.size() + 1) + ")"));
        }
        return certificates;
    }

    private static Optional<Pem> keyBlock(Path file, List<Fault> faults) {
        Optional<List<Pem>> blocks = blocks(ConfigKey.TLS_KEY_FILE, file, faults);
        Optional<Pem> key = blocks.orElse(List.of()).stream()
                .filter(block -> block.label().endsWith("PRIVATE KEY"))
                .findFirst();
        if (blocks.isPresent() && key.isEmpty()) {
            faults.add(fault(
                    ConfigKey.TLS_KEY_FILE,
                    file,
                    "holds no private key; it should have a block that begins with -----BEGIN PRIVATE KEY-----, whole"
                            + " to its end"));
        } else if (key.isPresent() && key.get().locked()) {
            faults.add(fault(
                    ConfigKey.TLS_KEY_FILE,
                    file,
                    "is encrypted, and nobody is there to type its pass phrase; store it without:"
                            + " openssl pkey -in ENCRYPTED -out PLAIN"));
        }
        return key;
    }

    private static Optional<List<Pem>> blocks(ConfigKey key, Path file, List<Fault> faults) {
        try {
            return Optional.of(Pem.blocks(Files.readString(file, StandardCharsets.ISO_8859_1)));
        } catch (NoSuchFileException e) {
            faults.add(fault(key, file, "there is no such file"));
        } catch (IOException e) {
            faults.add(
                    fault(key, file, "cannot be read (" + e.getClass().getSimpleName() + "); may this user read it?"));
        } catch (IllegalArgumentException e) {
            faults.add(fault(key, file, "holds a PEM block that is not Base64"));
        }
        return Optional.empty();
    }

    private static Fault fault(ConfigKey key, Path file, String message) {
        return new Fault(null, key.path(), file + ": " + message);
    }

    /** From the leaf up, each confirmed by the next; a root is left out, since clients must have it themselves. */
    private static List<X509Certificate> chain(X509Certificate leaf, List<X509Certificate> issuers) {
        List<X509Certificate> chain = new ArrayList<>(List.of(leaf));
        for (Optional<X509Certificate> next = issuer(leaf, issuers);
                next.isPresent() && !isSelfSigned(next.get()) && !chain.contains(next.get());
                next = issuer(next.get(), issuers)) {
            chain.add(next.get());
        }
        return chain;
    }

    private static Optional<X509Certificate> issuer(X509Certificate of, List<X509Certificate> issuers) {
        return issuers.stream().filter(issuer -> hasIssued(issuer, of)).findFirst();
    }

    private static boolean isSelfSigned(X509Certificate certificate) {
        return hasIssued(certificate, certificate);
    }

    private static boolean hasIssued(X509Certificate issuer, X509Certificate certificate) {
        if (!issuer.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())) {
            return false;
        }
        try {
            certificate.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** The certificate and those of its issuers, in the order in which they are sent. */
    List<X509Certificate> chain() {
        return chain;
    }

    /** When the first certificate of the chain expires. */
    Instant expiry() {
        return chain.stream()
                .map(certificate -> certificate.getNotAfter().toInstant())
                .min(Instant::compareTo)
                .orElseThrow();
    }

    /** A fresh context with this identity; none of its sessions was begun with another. */
    SSLContext context() {
        char[] none = new char[0];
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, none);
            store.setKeyEntry("server", key, none, chain.toArray(X509Certificate[]::new));
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, none);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("every Java platform has TLS and PKCS12", e);
        }
    }
}
