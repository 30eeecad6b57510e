package dev.pushy.undertow.transport.sockjs;

import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Where the page for iframes finds the client library, of the version that the site's own pages use. A script in that page
 * acts for this server's origin: only who is trusted may be named. Immutable.
 *
 * @param url for pages that ask for no other one
 * @param others what else pages may ask for, with the parameter {@code js_path}; must not block
 */
public record ClientScript(String url, Predicate<String> others) {

    /** Checks the values. */
    public ClientScript {
        Objects.requireNonNull(url, "url");
        Objects.requireNonNull(others, "others");
    }

    /** A script that is the same for all pages. */
    static ClientScript of(String url) {
        return new ClientScript(url, other -> false);
    }

    /** The same for pages that ask for no other one. */
    ClientScript withUrl(String address) {
        return new ClientScript(address, others);
    }

    /** The script of a page that asked for this one, if it may have it. */
    Optional<String> asked(String other) {
        return other.equals(url) || others.test(other) ? Optional.of(other) : Optional.empty();
    }
}
