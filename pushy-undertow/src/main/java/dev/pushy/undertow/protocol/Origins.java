package dev.pushy.undertow.protocol;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The origins of the pages that may use an app's API from a browser, besides those of our own origin. Immutable. */
public final class Origins {
    private static final String ALL = "*";
    private static final Pattern ORIGIN = Pattern.compile("[a-z][a-z0-9+.\\-]*://[A-Za-z0-9.\\-_\\[\\]:]+");

    /** No other origin. */
    public static final Origins NONE = new Origins(Set.of());

    private final Set<String> allowed;

    private Origins(Set<String> allowed) {
        this.allowed = allowed;
    }

    /**
     * These origins, such as {@code https://example.com}, or all with {@code *}.
     *
     * @throws IllegalArgumentException naming one that is no origin
     */
    public static Origins of(Collection<String> origins) {
        Set<String> allowed = new LinkedHashSet<>();
        for (String origin : origins) {
            if (!origin.equals(ALL) && !ORIGIN.matcher(origin).matches()) {
                throw new IllegalArgumentException("\"" + Excerpt.of(origin)
                        + "\" is no origin: write scheme, host and port without a path, as in https://example.com");
            }
            allowed.add(origin.toLowerCase(Locale.ROOT));
        }
        return new Origins(Set.copyOf(allowed));
    }

    /** Whether every origin is allowed. */
    public boolean allowsAll() {
        return allowed.contains(ALL);
    }

    /** Whether a page of this origin was named as allowed. */
    public boolean names(String origin) {
        return allowed.contains(origin.toLowerCase(Locale.ROOT));
    }

    /** Whether a page of this origin may use the API. */
    public boolean allows(String origin) {
        return allowsAll() || names(origin);
    }

    /**
     * Whether a page of this origin came from the host that it now asks. The scheme does not count: a proxy in front may
     * have ended TLS.
     */
    public static boolean isSame(String origin, @Nullable String host) {
        int authority = origin.indexOf("://");
        return host != null && authority > 0 && origin.substring(authority + 3).equalsIgnoreCase(host);
    }
}
