package dev.pushy.server;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Who the server is over TLS, to clients or to Redis: a private key, and the certificate for it with those of its issuers. Read from PEM files
 * and checked as far as it can be without another side.
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
        return read(
                new PemFile(ConfigKey.TLS_CERT_FILE, config.certFile()),
                new PemFile(ConfigKey.TLS_KEY_FILE, config.keyFile()),
                config.caFile() == null ? null : new PemFile(ConfigKey.TLS_CA_FILE, config.caFile()));
    }

    /**
     * Reads the files.
     *
     * @param certificate the certificate, and with it those of its issuers
     * @param privateKey its private key
     * @param others further certificates of issuers; null for none
     * @throws ConfigException with what is wrong with them
     */
    static TlsIdentity read(PemFile certificate, PemFile privateKey, @Nullable PemFile others) {
        List<Fault> faults = new ArrayList<>();
        List<X509Certificate> certificates = certificate.certificates(faults);
        Optional<Pem> block = privateKey.privateKey(faults);
        List<X509Certificate> issuers = new ArrayList<>(certificates);
        if (others != null) {
            issuers.addAll(others.certificates(faults));
        }
        if (faults.isEmpty()) {
            X509Certificate leaf = certificates.get(0);
            try {
                PrivateKey key = PrivateKeys.read(block.orElseThrow(), leaf.getPublicKey());
                return new TlsIdentity(key, chain(leaf, issuers));
            } catch (IllegalArgumentException e) {
                faults.add(privateKey.fault(e.getMessage() + "; the first certificate of " + certificate.path()
                        + " is for " + leaf.getSubjectX500Principal()));
            }
        }
        throw new ConfigException(faults);
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
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has TLS", e);
        }
    }

    /** Who shows this identity to the other side. */
    KeyManager[] keyManagers() {
        char[] none = new char[0];
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, none);
            store.setKeyEntry("server", key, none, chain.toArray(X509Certificate[]::new));
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, none);
            return keys.getKeyManagers();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("every Java platform has PKCS12", e);
        }
    }
}
