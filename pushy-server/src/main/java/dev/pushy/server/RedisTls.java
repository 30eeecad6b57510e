package dev.pushy.server;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** How the node speaks TLS with Redis: whom it trusts, and who it is where Redis asks. */
final class RedisTls {
    private RedisTls() {}

    /**
     * Reads the files.
     *
     * @param authorities whom to trust; null: whom the JDK trusts
     * @param certificate who the node is; null: nobody in particular
     * @param privateKey the key of that certificate; null where there is none
     * @throws ConfigException with what is wrong with them
     */
    static SSLSocketFactory read(
            @Nullable PemFile authorities, @Nullable PemFile certificate, @Nullable PemFile privateKey) {
        KeyManager @Nullable [] keys = certificate == null || privateKey == null
                ? null
                : TlsIdentity.read(certificate, privateKey, null).keyManagers();
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, authorities == null ? null : trusting(authorities), null);
            return context.getSocketFactory();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has TLS", e);
        }
    }

    private static TrustManager[] trusting(PemFile authorities) throws GeneralSecurityException {
        List<Fault> faults = new ArrayList<>();
        List<X509Certificate> certificates = authorities.certificates(faults);
        if (!faults.isEmpty()) {
            throw new ConfigException(faults);
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        try {
            store.load(null, null);
        } catch (IOException e) {
            throw new IllegalStateException("an empty store reads nothing", e);
        }
        for (X509Certificate certificate : certificates) {
            store.setCertificateEntry("authority-" + store.size(), certificate);
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        return trust.getTrustManagers();
    }
}
