package dev.pushy.server;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How TLS is served.
 *
 * @param port port to listen on; 0 takes any free one
 * @param only whether there is no port without TLS
 * @param certFile the certificate, and with it those of its issuers
 * @param keyFile its private key
 * @param caFile further certificates of issuers; null for none
 * @param minVersion the oldest version of TLS that is spoken, {@code 1.2} or {@code 1.3}
 */
record TlsConfig(
        int port,
        boolean only,
        Path certFile,
        Path keyFile,
        @Nullable Path caFile,
        String minVersion) {

    /** What is configured, if TLS is. */
    static Optional<TlsConfig> read(Settings settings) {
        boolean wanted = settings.optional(Boolean.class, ConfigKey.TLS).orElse(settings.has(ConfigKey.TLS_CERT_FILE));
        if (!wanted) {
            if (settings.has(ConfigKey.TLS_KEY_FILE) && !settings.has(ConfigKey.TLS)) {
                settings.fault("is missing beside tls.key-file", ConfigKey.TLS_CERT_FILE);
            }
            if (settings.yes(ConfigKey.TLS_ONLY)) {
                settings.fault("leaves no port to listen on: set tls.cert-file and tls.key-file", ConfigKey.TLS_ONLY);
            }
            return Optional.empty();
        }
        Optional<Path> certFile = file(settings, ConfigKey.TLS_CERT_FILE, "the PEM file of the certificate");
        Optional<Path> keyFile = file(settings, ConfigKey.TLS_KEY_FILE, "the PEM file of its private key");
        if (certFile.isEmpty() || keyFile.isEmpty()) {
            return Optional.empty();
        }
        boolean only = settings.yes(ConfigKey.TLS_ONLY);
        int port = settings.number(ConfigKey.TLS_PORT);
        if (!only && port != 0 && port == settings.number(ConfigKey.PORT)) {
            settings.fault(
                    "is the port without TLS; choose another, or set tls.only so that there is none without",
                    ConfigKey.TLS_PORT);
        }
        return Optional.of(new TlsConfig(
                port,
                only,
                certFile.get(),
                keyFile.get(),
                file(settings, ConfigKey.TLS_CA_FILE).orElse(null),
                settings.text(ConfigKey.TLS_MIN_VERSION)));
    }

    private static Optional<Path> file(Settings settings, ConfigKey key, String what) {
        Optional<Path> file = file(settings, key);
        if (file.isEmpty() && !settings.has(key)) {
            settings.fault("is missing; TLS needs " + what, key);
        }
        return file;
    }

    private static Optional<Path> file(Settings settings, ConfigKey key) {
        return settings.optional(String.class, key).map(Path::of);
    }

    /** All files; a change of one of them means another certificate. */
    List<Path> files() {
        return caFile == null ? List.of(certFile, keyFile) : List.of(certFile, keyFile, caFile);
    }

    /** The versions of TLS that are spoken, as the JDK names them. */
    List<String> versions() {
        return minVersion.equals("1.3") ? List.of("TLSv1.3") : List.of("TLSv1.2", "TLSv1.3");
    }
}
