package dev.pushy.redis;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which Redis to use: {@code redis://user:password@host:6379/0}, {@code rediss://} (TLS),
 * {@code redis-sentinel://h1,h2/0?master=m} or {@code redis-cluster://h1,h2}.
 *
 * @param kind how the servers belong together
 * @param tls whether the connection is encrypted
 * @param user user name, if one is given
 * @param password password, if one is given; never printed
 * @param nodes the servers, or the sentinels, to begin with
 * @param database number of the database; 0 in a cluster
 * @param master what the sentinels call the master; null without sentinels
 */
record RedisUrl(
        Kind kind,
        boolean tls,
        @Nullable String user,
        @Nullable String password,
        List<Node> nodes,
        int database,
        @Nullable String master) {
    private static final Pattern FORM = Pattern.compile(
            "(rediss?|rediss?-sentinel|rediss?-cluster)://(?:([^@/]*)@)?([^@/?#]+)(?:/([^?#]*))?(?:\\?([^#]*))?");
    private static final Pattern NODE = Pattern.compile("(\\[[0-9a-fA-F:]+]|[A-Za-z0-9._-]+)(?::(\\d{1,5}))?");
    private static final String FORMS = "redis://host:6379, rediss://host:6379, redis-sentinel://h1,h2/0?master=m"
            + " or redis-cluster://h1,h2 (user:password@ may stand before the host; put %40 for an @ in it)";

    /** How the servers belong together. */
    enum Kind {
        /** One server, perhaps with replicas nobody asks about. */
        SINGLE,
        /** A master that sentinels know. */
        SENTINEL,
        /** A cluster. */
        CLUSTER
    }

    /** One server's address. */
    record Node(String host, int port) {
        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    /** The URL's meaning; {@link IllegalArgumentException} with what would be right, and without the password. */
    static RedisUrl parse(String url) {
        Matcher matcher = FORM.matcher(url);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("is not a Redis URL; it should look like " + FORMS);
        }
        String scheme = matcher.group(1);
        Kind kind =
                scheme.endsWith("sentinel") ? Kind.SENTINEL : scheme.endsWith("cluster") ? Kind.CLUSTER : Kind.SINGLE;
        List<Node> nodes = nodes(matcher.group(3), kind);
        Optional<String> credentials = Optional.ofNullable(matcher.group(2)).filter(text -> !text.isEmpty());
        @Nullable
        String user = credentials
                .map(text -> text.contains(":") ? decode(text.substring(0, text.indexOf(':'))) : "")
                .filter(text -> !text.isEmpty())
                .orElse(null);
        @Nullable
        String password = credentials
                .map(text -> decode(text.substring(text.indexOf(':') + 1)))
                .orElse(null);
        return new RedisUrl(
                kind,
                scheme.startsWith("rediss"),
                user,
                password,
                nodes,
                database(matcher.group(4), kind),
                master(matcher.group(5), kind));
    }

    /** Without the password. */
    @Override
    public String toString() {
        return kind + " " + nodes + "/" + database + (master == null ? "" : " master " + master);
    }

    private static List<Node> nodes(String text, Kind kind) {
        List<Node> nodes = new ArrayList<>();
        for (String address : text.split(",", -1)) {
            Matcher node = NODE.matcher(address);
            int port = kind == Kind.SENTINEL ? 26379 : 6379;
            if (node.matches() && node.group(2) != null) {
                port = Integer.parseInt(node.group(2));
            }
            if (!node.matches() || port < 1 || port > 65535) {
                throw new IllegalArgumentException("has an address that is not host or host:port (1 to 65535)");
            }
            nodes.add(new Node(node.group(1), port));
        }
        if (kind == Kind.SINGLE && nodes.size() > 1) {
            throw new IllegalArgumentException("names " + nodes.size()
                    + " servers; several are written redis-sentinel://h1,h2/0?master=m or redis-cluster://h1,h2");
        }
        return List.copyOf(nodes);
    }

    private static int database(@Nullable String text, Kind kind) {
        if (text == null || text.isEmpty()) {
            return 0;
        }
        if (!text.matches("\\d{1,4}")) {
            throw new IllegalArgumentException("has a database that is not a number; it should look like " + FORMS);
        }
        int database = Integer.parseInt(text);
        if (kind == Kind.CLUSTER && database != 0) {
            throw new IllegalArgumentException("names database " + database + "; a cluster has only database 0");
        }
        return database;
    }

    private static @Nullable String master(@Nullable String query, Kind kind) {
        String found = null;
        for (String parameter : query == null || query.isEmpty() ? new String[0] : query.split("&", -1)) {
            if (!parameter.startsWith("master=") || kind != Kind.SENTINEL) {
                throw new IllegalArgumentException(
                        "has a parameter that is not known; only master= after" + " redis-sentinel:// is");
            }
            found = decode(parameter.substring("master=".length()));
        }
        if (kind == Kind.SENTINEL && (found == null || found.isEmpty())) {
            throw new IllegalArgumentException("does not name the master; add ?master=NAME, as the sentinels call it");
        }
        return found;
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("has a % that is not followed by two hex digits", e);
        }
    }
}
