package dev.pushy.undertow.pusher;

import dev.pushy.undertow.protocol.ClientRequest;
import dev.pushy.undertow.protocol.Origins;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a client says of itself in the address that it connects to: {@code /app/KEY} and, in the query, the version of the
 * protocol and of its library.
 *
 * <p>Versions 4 to 7 are served alike. Clients still ask for 5, which is why no other difference is made.
 *
 * @param key the app's public key
 * @param library what it is known as
 */
record PusherHandshake(String key, ClientLibrary library) {
    private static final String PATH = "/app/";
    private static final Pattern PROTOCOL = Pattern.compile("[4-7]");
    private static final Pattern VERSION = Pattern.compile("v?[0-9][0-9A-Za-z.+_\\-]{0,63}");

    /** Why the address is no good, or null. */
    static @Nullable PusherError fault(ClientRequest request) {
        String path = request.path();
        if (!path.startsWith(PATH) || path.length() == PATH.length() || path.indexOf('/', PATH.length()) >= 0) {
            return PusherError.PATH_NOT_FOUND;
        }
        String protocol = request.first("protocol");
        if (protocol != null && !PROTOCOL.matcher(protocol).matches()) {
            return PusherError.UNSUPPORTED_PROTOCOL;
        }
        String version = request.first("version");
        if (version != null && !version.isEmpty() && !VERSION.matcher(version).matches()) {
            return PusherError.INVALID_VERSION;
        }
        return null;
    }

    /** Reads an address without a fault. */
    static PusherHandshake of(ClientRequest request) {
        return new PusherHandshake(request.path().substring(PATH.length()), library(request));
    }

    static ClientLibrary library(ClientRequest request) {
        return ClientLibrary.of(request.first("client"));
    }

    /** Why the app does not take the client, or null. */
    @Nullable
    PusherError fault(Optional<PusherApp> found, ClientRequest request) {
        if (found.isEmpty()) {
            return PusherError.unknownKey(key);
        }
        PusherApp app = found.get();
        if (!app.features().enabled()) {
            return PusherError.DISABLED;
        }
        if (app.features().tlsOnly() && !request.secure()) {
            return PusherError.TLS_ONLY;
        }
        String origin = request.origin();
        return origin == null || app.origins().allows(origin) || Origins.isSame(origin, request.host())
                ? null
                : PusherError.ORIGIN_NOT_ALLOWED;
    }
}
