package dev.pushy.undertow.protocol;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP request that opened a connection, without the types of any HTTP server.
 *
 * @param path decoded by us from the raw target, without query and without path parameters cut off
 * @param query decoded values by name, in the order given
 * @param authorization the Authorization header, or null
 * @param origin the Origin header, or null
 * @param cookieToken the value of the cookie {@code pushy_token}, or null
 * @param protocolToken the token of the subprotocol {@code bearer.TOKEN}, or null
 * @param lastEventId the Last-Event-ID header, or null
 * @param secure whether the client came over TLS
 * @param host the Host header, or null
 */
public record ClientRequest(
        String path,
        Map<String, List<String>> query,
        @Nullable String authorization,
        @Nullable String origin,
        @Nullable String cookieToken,
        @Nullable String protocolToken,
        @Nullable String lastEventId,
        boolean secure,
        @Nullable String host) {

    /** The first value of a query parameter, or null. */
    public @Nullable String first(String name) {
        List<String> values = query.get(name);
        return values == null || values.isEmpty() ? null : values.get(0);
    }

    /** The path alone: everything else may hold a token. */
    @Override
    public String toString() {
        return "ClientRequest[" + path + "]";
    }
}
