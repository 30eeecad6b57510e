package dev.pushy.undertow.protocol;

import dev.pushy.core.Grant;
import dev.pushy.core.InvalidTokenException;
import dev.pushy.core.Pushy;
import dev.pushy.core.UnavailableException;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Who a client is: finds the token in what it sent, and asks what the token allows. Thread-safe. */
public final class ClientAccess {
    private static final String BEARER = "bearer ";
    private static final int MAX_TOKEN = 16 * 1024;

    private final Pushy pushy;
    private final Map<String, Origins> origins;
    private final boolean fromQuery;

    /**
     * Access with the tokens of a node.
     *
     * @param origins by app; an app that is not named has none
     * @param fromQuery whether a token may stand in the query
     */
    public ClientAccess(Pushy pushy, Map<String, Origins> origins, boolean fromQuery) {
        this.pushy = Objects.requireNonNull(pushy, "pushy");
        this.origins = Map.copyOf(origins);
        this.fromQuery = fromQuery;
    }

    /** A token as a client handed it in. */
    public static final class Presented {
        private final String token;
        private final boolean cookie;

        private Presented(String token, boolean cookie) {
            this.token = token;
            this.cookie = cookie;
        }

        /** Never the token. */
        @Override
        public String toString() {
            return cookie ? "Presented[by cookie]" : "Presented";
        }
    }

    /** A token that was sent as part of a message. */
    public static Presented presented(String token) {
        return new Presented(token, false);
    }

    /** The origins whose pages may use an app. */
    public Origins origins(String app) {
        return origins.getOrDefault(app, Origins.NONE);
    }

    /** Whether pages of this origin may use some app. */
    public boolean isKnownOrigin(String origin) {
        return origins.values().stream().anyMatch(some -> some.allows(origin));
    }

    /** Whether some app names this origin as one whose pages may use it. */
    public boolean isNamedOrigin(String origin) {
        return origins.values().stream().anyMatch(some -> some.names(origin));
    }

    /** The token of a request: header, subprotocol, query, cookie; the first that is there. */
    public Optional<Presented> find(ClientRequest request) {
        String authorization = request.authorization();
        if (authorization != null && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return Optional.of(
                    new Presented(authorization.substring(BEARER.length()).strip(), false));
        }
        if (request.protocolToken() != null) {
            return Optional.of(new Presented(request.protocolToken(), false));
        }
        String query = fromQuery ? request.first("token") : null;
        if (query != null) {
            return Optional.of(new Presented(query, false));
        }
        return Optional.ofNullable(request.cookieToken()).map(token -> new Presented(token, true));
    }

    /**
     * What a token allows. May block.
     *
     * @param request that it came with
     * @throws InvalidTokenException if the token is not good
     * @throws UnavailableException if the node is not ready to tell
     * @throws RequestException if it came by a cookie from a page that may not use it
     */
    public Grant verify(Presented presented, @Nullable ClientRequest request) {
        if (presented.token.length() > MAX_TOKEN) {
            throw new InvalidTokenException("the token has " + presented.token.length() + " characters, the limit is "
                    + MAX_TOKEN + ": put less into its claims");
        }
        if (!pushy.isStarted()) {
            throw new UnavailableException("the node is starting and has not read yet which tokens are revoked");
        }
        Grant grant = pushy.authenticate(presented.token);
        if (presented.cookie && (request == null || !mayUseCookie(grant.app(), request))) {
            throw new RequestException(
                    Fault.UNAUTHORIZED,
                    "the cookie pushy_token counts only for pages of an allowed origin: allow the origin, or send the"
                            + " token in the Authorization header");
        }
        return grant;
    }

    /**
     * A cookie comes along whoever's page asks; only the browser's word for whose page it is makes it a credential. That
     * all origins are allowed is not said of pages that ride on somebody's cookie.
     */
    private boolean mayUseCookie(String app, ClientRequest request) {
        String origin = request.origin();
        return origin != null
                && (Origins.isSame(origin, request.host()) || origins(app).names(origin));
    }
}
