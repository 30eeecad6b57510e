package dev.pushy.server;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the server listens for clients.
 *
 * @param bind address to listen on
 * @param bindChosen whether that address was configured and is not the default
 * @param port port without TLS; 0 takes any free one
 * @param tls how TLS is served; null if it is not
 */
record Listen(
        String bind, boolean bindChosen, int port, @Nullable TlsConfig tls) {

    static Listen read(Settings settings) {
        boolean bindChosen = settings.has(ConfigKey.BIND);
        boolean dev = settings.yes(ConfigKey.DEV);
        return new Listen(
                dev && !bindChosen ? "127.0.0.1" : settings.text(ConfigKey.BIND),
                bindChosen,
                settings.number(ConfigKey.PORT),
                TlsConfig.read(settings).orElse(null));
    }

    /** Whether there is a port without TLS. */
    boolean plain() {
        return tls == null || !tls.only();
    }

    /** All ports for clients. */
    List<Integer> ports() {
        List<Integer> ports = new ArrayList<>();
        if (plain()) {
            ports.add(port);
        }
        if (tls != null) {
            ports.add(tls.port());
        }
        return List.copyOf(ports);
    }
}
