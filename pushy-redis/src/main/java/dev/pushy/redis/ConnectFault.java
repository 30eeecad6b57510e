package dev.pushy.redis;

import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;

/** Why a connection does not come about, in words that name the remedy and no secret. */
final class ConnectFault {
    private ConnectFault() {}

    static JedisException explained(JedisException refused, HostAndPort address, Duration patience) {
        String remedy = remedy(String.valueOf(refused.getMessage()), address);
        if (remedy.isEmpty()) {
            remedy = remedy(root(refused), address, patience);
        }
        return remedy.isEmpty()
                ? refused
                : new JedisConnectionException(remedy + "; it says: " + RedisErrors.reason(refused), refused);
    }

    /** By what the server says, or what it should not have said. */
    private static String remedy(String message, HostAndPort address) {
        if (message.contains("DENIED")) {
            return address + " lets only its own machine in (protected mode): give Redis a password or a bind address";
        }
        if (message.contains("AUTH") || message.contains("WRONGPASS")) {
            return "Redis does not accept the user or password: correct them in REDIS_URL (special characters are"
                    + " percent-encoded there)";
        }
        if (message.contains("DB index")) {
            return "Redis has no database of the number that stands behind the slash in REDIS_URL";
        }
        if (message.contains("max number of clients")) {
            return "Redis has too many clients: raise maxclients, or find out who connects so often";
        }
        if (message.contains("Unknown reply")) {
            return "what listens at " + address + " speaks no Redis: check host and port in REDIS_URL, and write"
                    + " rediss:// if it wants TLS";
        }
        return "";
    }

    /** By what became of the socket. */
    private static String remedy(Throwable root, HostAndPort address, Duration patience) {
        if (root instanceof UnknownHostException) {
            return "nobody knows the host " + address.getHost() + ": check REDIS_URL and the name service";
        }
        if (root instanceof ConnectException) {
            return "nobody listens at " + address + ": start Redis there, or check host and port in REDIS_URL";
        }
        if (root instanceof SocketTimeoutException) {
            return address + " does not answer within " + patience.toMillis() + " ms: Redis is stopped, overloaded or"
                    + " behind a firewall, or something else listens there";
        }
        if (root instanceof SocketException || String.valueOf(root.getMessage()).contains("end of stream")) {
            return address + " hangs up at once: check host and port in REDIS_URL, and write rediss:// if it wants TLS";
        }
        return "";
    }

    /** What began it; where several addresses were tried, with the first of them. */
    private static Throwable root(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null || root.getSuppressed().length > 0) {
            root = root.getCause() != null ? root.getCause() : root.getSuppressed()[0];
        }
        return root;
    }
}
