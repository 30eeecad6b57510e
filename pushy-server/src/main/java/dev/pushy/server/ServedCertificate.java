package dev.pushy.server;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;

/**
 * The certificate that is served: read from its files, read again when they change, and watched for its end. Questions
 * may come from any thread, looks from one at a time.
 */
final class ServedCertificate {
    private static final System.Logger LOG = System.getLogger(ServedCertificate.class.getName());
    private static final Duration WARN_BEFORE = Duration.ofDays(14);
    private static final Duration WARN_AGAIN = Duration.ofDays(1);

    private final LiveFiles<TlsIdentity> files;
    private final InstantSource clock;
    private Instant warned = Instant.MIN;

    /**
     * Reads the files.
     *
     * @throws ConfigException with what is wrong with them
     */
    ServedCertificate(TlsConfig config, InstantSource clock) {
        this.files = LiveFiles.read("The TLS certificate", config.files(), () -> TlsIdentity.read(config));
        this.clock = clock;
    }

    /** A context for new connections. */
    SSLContext context() {
        return files.current().context();
    }

    /** When the first certificate of the chain expires. */
    Instant expiry() {
        return files.current().expiry();
    }

    /** What metrics tell of it. */
    List<Reading> readings() {
        return List.of(
                Reading.gauge(
                        "pushy_tls_certificate_expiry_timestamp_seconds",
                        "When the first certificate of the served chain expires, in Unix time.",
                        () -> expiry().getEpochSecond()),
                Reading.gauge(
                        "pushy_tls_files_outdated",
                        "1 while the files of the certificate hold something that cannot be served.",
                        () -> files.isOutdated() ? 1 : 0));
    }

    /** Reads the files again if they changed, and warns once a day of a certificate that ends soon. */
    void look(Consumer<SSLContext> changed) {
        files.look(identity -> {
            warned = Instant.MIN;
            changed.accept(identity.context());
        });
        Instant now = clock.instant();
        Duration left = Duration.between(now, expiry());
        if (left.compareTo(WARN_BEFORE) < 0 && !warned.isAfter(now.minus(WARN_AGAIN))) {
            warned = now;
            LOG.log(
                    Level.WARNING,
                    left.isNegative()
                            ? "The TLS certificate expired on {0}; clients refuse it. Renew it"
                            : "The TLS certificate expires on {0}; renew it",
                    expiry());
        }
    }
}
