package dev.pushy.core;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The revocations that still mean something. Thread-safe; asking takes no lock.
 *
 * <p>Nothing is forgotten before its time. When there is no room left, the oldest eighth is folded into one rule for each
 * of their apps: every token issued until the youngest of them was revoked is void. That refuses more tokens than were
 * revoked, whose holders must get new ones, but never fewer; it is logged.
 */
final class Revocations {
    private static final Logger LOG = System.getLogger(Revocations.class.getName());
    private static final long MINUTE = 60;

    /** One token, one subject, or, with an empty name, a whole app. */
    private record Key(Kind kind, String app, String name) {}

    private enum Kind {
        TOKEN,
        SUBJECT,
        APP
    }

    /** Tokens issued until {@code at} are void, which must be known until {@code until}. */
    private record Rule(long at, long until) {
        Rule and(Rule other) {
            return new Rule(Math.max(at, other.at), Math.max(until, other.until));
        }

        boolean voids(@Nullable Long issuedAt) {
            return issuedAt == null || issuedAt <= at;
        }
    }

    private final LongSupplier epochSeconds;
    private final int limit;
    private final Map<Key, Rule> rules = new ConcurrentHashMap<>();
    private final ReentrantLock writing = new ReentrantLock();
    private long prunedAt;
    private long warnedAt;

    /**
     * No revocations yet.
     *
     * @param epochSeconds the time, seconds since 1970
     * @param limit the most that are kept one by one
     */
    Revocations(LongSupplier epochSeconds, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("the limit of revocations is " + limit + ", it must be at least 1");
        }
        this.epochSeconds = epochSeconds;
        this.limit = limit;
    }

    /** Whether the revocation says that this grant's token is void. */
    static boolean voids(Revocation revocation, Grant grant) {
        if (!revocation.app().equals(grant.app())) {
            return false;
        }
        return revocation.tokenId() != null
                ? revocation.tokenId().equals(grant.tokenId())
                : grant.subject().equals(revocation.subject())
                        && ruleOf(revocation).voids(grant.issuedAt());
    }

    /** Adds one. Of several for the same token or subject the strictest holds. */
    void add(Revocation revocation) {
        long now = epochSeconds.getAsLong();
        if (revocation.until() <= now) {
            return;
        }
        writing.lock();
        try {
            if (now >= prunedAt + MINUTE) {
                prune(now);
            }
            Key key = keyOf(revocation);
            if (rules.size() >= limit && !rules.containsKey(key)) {
                prune(now);
                if (rules.size() >= limit) {
                    fold(now);
                }
            }
            rules.merge(key, ruleOf(revocation), Rule::and);
        } finally {
            writing.unlock();
        }
    }

    /** Whether the token of this grant is void. */
    boolean isRevoked(Grant grant) {
        if (rules.isEmpty()) {
            return false;
        }
        long now = epochSeconds.getAsLong();
        String app = grant.app();
        if (grant.tokenId() != null) {
            Rule token = rules.get(new Key(Kind.TOKEN, app, grant.tokenId()));
            if (token != null && now < token.until()) {
                return true;
            }
        }
        return isVoid(new Key(Kind.SUBJECT, app, grant.subject()), grant, now)
                || isVoid(new Key(Kind.APP, app, ""), grant, now);
    }

    private boolean isVoid(Key key, Grant grant, long now) {
        Rule rule = rules.get(key);
        return rule != null && now < rule.until() && rule.voids(grant.issuedAt());
    }

    /** How many rules there are. */
    int size() {
        return rules.size();
    }

    private void prune(long now) {
        prunedAt = now;
        rules.values().removeIf(rule -> rule.until() <= now);
    }

    /** Makes room: the older a rule, the fewer other tokens the app's rule refuses with it. */
    private void fold(long now) {
        List<Map.Entry<Key, Rule>> byAge = new ArrayList<>();
        for (Map.Entry<Key, Rule> entry : rules.entrySet()) {
            if (entry.getKey().kind() != Kind.APP) {
                byAge.add(Map.entry(entry.getKey(), entry.getValue()));
            }
        }
        byAge.sort(Comparator.comparingLong(entry -> entry.getValue().at()));
        List<Map.Entry<Key, Rule>> oldest = byAge.subList(0, Math.min(byAge.size(), limit / 8 + 1));
        for (Map.Entry<Key, Rule> entry : oldest) {
            // First the wider rule, so that nobody who asks meanwhile finds neither.
            rules.merge(new Key(Kind.APP, entry.getKey().app(), ""), entry.getValue(), Rule::and);
            rules.remove(entry.getKey());
        }
        if (now >= warnedAt + MINUTE) {
            warnedAt = now;
            LOG.log(
                    Level.WARNING,
                    "More than {0} revocations: the {1} oldest now void every token that their apps issued until then",
                    limit,
                    oldest.size());
        }
    }

    private static Key keyOf(Revocation revocation) {
        if (revocation.tokenId() != null) {
            return new Key(Kind.TOKEN, revocation.app(), revocation.tokenId());
        }
        return new Key(Kind.SUBJECT, revocation.app(), java.util.Objects.requireNonNull(revocation.subject()));
    }

    private static Rule ruleOf(Revocation revocation) {
        return new Rule(revocation.at(), revocation.until());
    }
}
