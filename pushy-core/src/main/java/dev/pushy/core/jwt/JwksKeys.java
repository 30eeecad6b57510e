package dev.pushy.core.jwt;

import com.auth0.jwk.Jwk;
import com.auth0.jwk.JwkException;
import com.auth0.jwk.UrlJwkProvider;
import dev.pushy.core.UnavailableException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.MalformedURLException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Public keys from a JWKS URL (RFC 7517). The whole set is fetched when it is first needed, when it has grown old, and
 * when a token names a key that is not in it; never twice at once, and never more often than the pause allows, so that
 * invented key ids cannot make us flood the issuer. If a fetch fails, the keys that are known stay good.
 */
final class JwksKeys implements KeySet {
    private static final Logger LOG = System.getLogger(JwksKeys.class.getName());
    private static final long PAUSE = Duration.ofSeconds(10).toNanos();
    private static final long LIFE = Duration.ofMinutes(10).toNanos();
    private static final int TIMEOUT_MILLIS = 5_000;
    private static final int MOST_KEYS = 100;

    /** What was fetched, and when an attempt was last made. */
    private record Fetched(List<VerificationKey> keys, long triedAt, long fetchedAt, boolean failed) {}

    private final URI url;
    private final UrlJwkProvider provider;
    private final LongSupplier nanoTime;
    private final int timeoutMillis;
    private final ReentrantLock fetching = new ReentrantLock();
    private volatile @Nullable Fetched fetched;

    JwksKeys(URI url) {
        this(url, System::nanoTime, TIMEOUT_MILLIS);
    }

    /** With a clock, and how long to wait for a connection and for an answer. */
    JwksKeys(URI url, LongSupplier nanoTime, int timeoutMillis) {
        this.url = requireSafe(url);
        this.timeoutMillis = timeoutMillis;
        this.nanoTime = nanoTime;
        try {
            this.provider = new UrlJwkProvider(url.toURL(), timeoutMillis, timeoutMillis);
        } catch (MalformedURLException e) {
            throw new IllegalArgumentException(url + " is no URL: " + e.getMessage(), e);
        }
    }

    /** Keys that come over an open line are anybody's keys. */
    private static URI requireSafe(URI url) {
        String host = url.getHost();
        boolean loopback = host != null && (host.equals("localhost") || isLoopback(host));
        if (!"https".equals(url.getScheme()) && !("http".equals(url.getScheme()) && loopback)) {
            throw new IllegalArgumentException("the JWKS URL " + url + " must begin with https://");
        }
        return url;
    }

    private static boolean isLoopback(String host) {
        boolean literal = host.startsWith("127.") || host.startsWith("[");
        try {
            return literal && InetAddress.getByName(host).isLoopbackAddress();
        } catch (java.net.UnknownHostException e) {
            return false;
        }
    }

    @Override
    public List<VerificationKey> find(@Nullable String keyId, String algorithm) {
        if (algorithm.startsWith("HS")) {
            return List.of(); // saves the fetch for a token that no public key can have signed
        }
        Fetched known = fetched;
        if (known == null || isOld(known)) {
            known = fetch(known);
        }
        List<VerificationKey> found = pick(known, keyId, algorithm);
        if (found.isEmpty() && mayTry(known)) {
            known = fetch(known);
            found = pick(known, keyId, algorithm);
        }
        if (found.isEmpty() && known.failed()) {
            throw new UnavailableException("the keys that verify tokens cannot be fetched now: try again later");
        }
        return found;
    }

    private static List<VerificationKey> pick(Fetched known, @Nullable String keyId, String algorithm) {
        List<VerificationKey> found = new ArrayList<>();
        for (VerificationKey key : known.keys()) {
            boolean named = keyId == null || keyId.equals(key.id());
            if (named && key.algorithms().containsKey(algorithm)) {
                found.add(key);
            }
        }
        return found;
    }

    private boolean isOld(Fetched known) {
        return nanoTime.getAsLong() - known.fetchedAt() > LIFE && mayTry(known);
    }

    private boolean mayTry(Fetched known) {
        return nanoTime.getAsLong() - known.triedAt() > PAUSE;
    }

    /** Fetches, unless somebody did while we waited for our turn. */
    private Fetched fetch(@Nullable Fetched before) {
        boolean mine = lock();
        try {
            Fetched now = fetched;
            if (now != null && (!mine || !now.equals(before))) {
                return now;
            }
            if (!mine) {
                throw new UnavailableException("the keys that verify tokens are being fetched: try again later");
            }
            Fetched result = load(before);
            fetched = result;
            return result;
        } finally {
            if (mine) {
                fetching.unlock();
            }
        }
    }

    private boolean lock() {
        try {
            return fetching.tryLock(2L * timeoutMillis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private Fetched load(@Nullable Fetched before) {
        long now = nanoTime.getAsLong();
        try {
            List<VerificationKey> keys = new ArrayList<>();
            for (Jwk jwk : provider.getAll()) {
                VerificationKey key = usable(jwk);
                if (key != null && keys.size() < MOST_KEYS) {
                    keys.add(key);
                }
            }
            return new Fetched(List.copyOf(keys), now, now, false);
        } catch (JwkException | RuntimeException e) {
            LOG.log(Level.WARNING, "The keys at {0} cannot be fetched: {1}", url, e);
            return before == null
                    ? new Fetched(List.of(), now, now, true)
                    : new Fetched(before.keys(), now, before.fetchedAt(), true);
        }
    }

    /** The key, or null if it is not for signatures, or of a kind that is not supported. */
    private static @Nullable VerificationKey usable(Jwk jwk) {
        if (jwk.getUsage() != null && !jwk.getUsage().equals("sig")) {
            return null;
        }
        try {
            VerificationKey key = VerificationKey.ofPublicKey(jwk.getId(), jwk.getPublicKey());
            return jwk.getAlgorithm() == null ? key : key.only(List.of(jwk.getAlgorithm()));
        } catch (JwkException | RuntimeException e) {
            LOG.log(Level.DEBUG, "A key of a JWKS is left out", e);
            return null;
        }
    }

    /** Where the keys come from. */
    @Override
    public String toString() {
        return "JwksKeys[" + url.getHost() + "]";
    }
}
