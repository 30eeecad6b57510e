package dev.pushy.undertow.protocol;

import dev.pushy.core.CloseReason;

/**
 * How the native protocols say why a connection ends.
 *
 * @param code of the WebSocket close frame
 * @param fault for the error that goes before, where there is one
 * @param text for people
 */
record Farewell(int code, Fault fault, String text) {

    static Farewell of(CloseReason reason) {
        return switch (reason) {
            case DRAIN -> new Farewell(1001, Fault.DRAINING, "the server is stopping: connect again");
            case MAX_AGE -> new Farewell(1001, Fault.DRAINING, "the connection is old: connect again");
            case SLOW_CONSUMER ->
                new Farewell(4508, Fault.OVERLOADED, "the client reads too slowly: connect again with the last cursor");
            case UNRESPONSIVE -> new Farewell(1001, Fault.TIMEOUT, "two pings were not answered");
            case TOKEN_EXPIRED -> new Farewell(4401, Fault.TOKEN_EXPIRED, "the token has expired: get a new one");
            case UNAUTHORIZED -> new Farewell(4401, Fault.UNAUTHORIZED, "a good token is needed");
            case REVOKED -> new Farewell(4403, Fault.REVOKED, "the token was revoked, or a publisher ended this");
            case AUTH_TIMEOUT -> new Farewell(4408, Fault.AUTH_TIMEOUT, "no token came in time");
            case FORBIDDEN -> new Farewell(4403, Fault.FORBIDDEN, "the token does not allow this");
            case BAD_REQUEST -> new Farewell(4400, Fault.INVALID_REQUEST, "the request is not valid");
            case RATE_LIMITED -> new Farewell(4429, Fault.RATE_LIMITED, "too many requests: ask less often");
            case INTERNAL -> new Farewell(1011, Fault.INTERNAL, "something went wrong here");
            case CLIENT_GONE -> new Farewell(1000, Fault.INTERNAL, "");
        };
    }

    ClientSession.CloseCode closeCode() {
        return new ClientSession.CloseCode(code, text);
    }
}
