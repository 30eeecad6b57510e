package dev.pushy.undertow.api;

import dev.pushy.undertow.protocol.Excerpt;
import dev.pushy.undertow.protocol.Fault;
import dev.pushy.undertow.protocol.RequestException;
import dev.pushy.undertow.protocol.UrlText;
import io.undertow.server.HttpServerExchange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a request asks for, read from its raw target: Undertow cuts what follows a {@code ;} from its own path, and a name
 * of a channel may have one.
 *
 * @param segments of the path behind the place where we are mounted, decoded one by one
 * @param query decoded values by name, in the order given
 */
record Target(List<String> segments, Map<String, List<String>> query) {
    /** Names that mean a list. Any other that we know stands for one value: of two, neither can be preferred safely. */
    private static final Set<String> SINGLE =
            Set.of("token", "since", "last_event_id", "limit", "reverse", "count", "prefix", "wait");

    Target {
        segments = List.copyOf(segments);
    }

    /**
     * Reads the target.
     *
     * @throws RequestException if it is not well encoded
     */
    static Target of(HttpServerExchange exchange) {
        return of(rawPath(exchange), exchange.getQueryString(), exchange.getResolvedPath());
    }

    /** The path as the client wrote it. */
    static String rawPath(HttpServerExchange exchange) {
        String path = exchange.getRequestURI();
        if (exchange.isHostIncludedInRequestURI()) {
            path = withoutHost(path);
        }
        int query = path.indexOf('?');
        return query >= 0 ? path.substring(0, query) : path;
    }

    private static String withoutHost(String uri) {
        int authority = uri.indexOf("://");
        int slash = authority < 0 ? -1 : uri.indexOf('/', authority + 3);
        return slash < 0 ? "/" : uri.substring(slash);
    }

    static Target of(String path, @Nullable String query, String mountedAt) {
        List<String> segments = new ArrayList<>();
        for (String raw : path.startsWith("/") ? path.substring(1).split("/", -1) : path.split("/", -1)) {
            segments.add(UrlText.decode(raw, false));
        }
        int mounted = 0;
        for (String segment : mountedAt.split("/", -1)) {
            if (segment.isEmpty()) {
                continue;
            }
            if (mounted >= segments.size() || !segments.get(mounted).equals(segment)) {
                throw new RequestException(
                        Fault.NOT_FOUND, "the path " + Excerpt.of(path) + " is not below " + Excerpt.of(mountedAt));
            }
            mounted++;
        }
        return new Target(segments.subList(mounted, segments.size()), query(query == null ? "" : query));
    }

    private static Map<String, List<String>> query(String raw) {
        Map<String, List<String>> query = new LinkedHashMap<>();
        for (String pair : raw.split("&", -1)) {
            if (pair.isEmpty()) {
                continue;
            }
            int equals = pair.indexOf('=');
            String name = UrlText.decode(equals < 0 ? pair : pair.substring(0, equals), true);
            String value = equals < 0 ? "" : UrlText.decode(pair.substring(equals + 1), true);
            List<String> values = query.computeIfAbsent(name, key -> new ArrayList<>(1));
            values.add(value);
            if (values.size() > 1 && SINGLE.contains(name)) {
                throw new RequestException(Fault.INVALID_REQUEST, "the query has \"" + name + "\" twice: send it once");
            }
        }
        return query;
    }

    /** The first value of a query parameter, or null. */
    @Nullable
    String first(String name) {
        List<String> values = query.get(name);
        return values == null ? null : values.get(0);
    }

    /** The path alone: the query may hold a token. */
    @Override
    public String toString() {
        return "Target" + segments;
    }
}
