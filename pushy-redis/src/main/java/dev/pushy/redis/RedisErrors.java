package dev.pushy.redis;

import dev.pushy.redis.BackplaneException.Kind;
import redis.clients.jedis.exceptions.JedisBusyException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisRedirectionException;

/** What Redis' error answers mean for a call, and what an operator can do about them. */
final class RedisErrors {
    private static final int MOST_WORDS = 400;

    private RedisErrors() {}

    /** What became of the call that was answered so. */
    static Kind kind(JedisDataException error) {
        if (error instanceof JedisRedirectionException) {
            return Kind.MOVED;
        }
        return switch (word(error)) {
            case "TRYAGAIN", "CLUSTERDOWN", "READONLY", "LOADING", "MASTERDOWN" -> Kind.MOVED;
            case "OOM", "NOREPLICAS", "BUSY", "MISCONF", "NOPERM", "NOAUTH", "NOSCRIPT", "WRONGTYPE" -> Kind.REFUSED;
            default -> error instanceof JedisBusyException ? Kind.REFUSED : Kind.FAULT;
        };
    }

    /** Whether the server that answers so is not the master, or not any more. */
    static boolean isNoMaster(JedisDataException error) {
        String word = word(error);
        return word.equals("READONLY") || word.equals("LOADING") || word.equals("MASTERDOWN");
    }

    /** What happened and what to do about it, for the log and the caller. */
    static String explain(JedisDataException error, Script script) {
        String remedy = remedy(error);
        return (remedy.isEmpty() ? "Redis refuses the script " + script : remedy) + " (" + words(error) + ")";
    }

    /** What can be done about an error; empty if that is not known. */
    private static String remedy(JedisDataException error) {
        return switch (word(error)) {
            case "OOM" -> "Redis is full: raise maxmemory, keep shorter histories, or find out who else fills it";
            case "READONLY" ->
                "Redis is a read-only replica: name the master, or use redis-sentinel:// or redis-cluster://,"
                        + " which find it";
            case "NOREPLICAS" -> "Redis has too few good replicas (min-replicas-to-write): bring them back";
            case "MISCONF" -> "Redis cannot save to its disk and refuses writes: see its log";
            case "LOADING" -> "Redis is loading its data";
            case "MASTERDOWN" -> "Redis is a replica that has lost its master";
            case "CLUSTERDOWN" -> "the Redis cluster has no master for some slots: see CLUSTER INFO";
            case "TRYAGAIN", "MOVED", "ASK" ->
                "a slot of the Redis cluster is elsewhere or moving; REDIS_URL of a cluster begins with redis-cluster://";
            case "BUSY" -> "Redis is busy with somebody's script: end it with SCRIPT KILL";
            case "NOPERM" -> "the Redis user may not do this: give it the keys, channels and commands of Pushy";
            case "NOAUTH" -> "Redis wants a password: put it into REDIS_URL";
            case "WRONGTYPE" ->
                "a key of Pushy has the wrong type, somebody else writes under its prefix: delete the key or"
                        + " use another prefix";
            default -> "";
        };
    }

    /** What an exception says, one line, with the remedy where it is known. */
    static String reason(RuntimeException error) {
        if (!(error instanceof JedisException)) {
            return error.toString();
        }
        String remedy = error instanceof JedisDataException said ? remedy(said) : "";
        return remedy.isEmpty() ? words(error) : remedy + " (" + words(error) + ")";
    }

    private static String words(RuntimeException error) {
        Throwable cause = error;
        while (cause.getCause() != null && cause.getMessage() == null) {
            cause = cause.getCause();
        }
        String text = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        Throwable root = cause.getCause();
        String more = root == null || root.getMessage() == null || text.contains(root.getMessage())
                ? ""
                : ", " + root.getMessage();
        String line = text.replace('\r', ' ').replace('\n', ' ') + more;
        return line.length() > MOST_WORDS ? line.substring(0, MOST_WORDS) + "..." : line;
    }

    /** The first word, also where a script passes an error on that it was given. */
    private static String word(JedisDataException error) {
        String text = String.valueOf(error.getMessage());
        if (text.startsWith("ERR ") || text.startsWith("@user_script")) {
            for (String known : new String[] {"OOM", "READONLY", "NOREPLICAS", "MISCONF", "WRONGTYPE", "NOPERM"}) {
                if (text.contains(known + " ")) {
                    return known;
                }
            }
        }
        String code = text.startsWith("-") ? text.substring(1) : text;
        int space = code.indexOf(' ');
        return space < 0 ? code : code.substring(0, space);
    }
}
