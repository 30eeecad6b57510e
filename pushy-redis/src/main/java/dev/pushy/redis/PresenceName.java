package dev.pushy.redis;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Under which name Redis knows a node, and how many calls were made under it. Guarded by the lock of its
 * {@link PresencePartition}.
 */
final class PresenceName {
    private @Nullable String current;
    private @Nullable String former;
    private long call;
    private long known;

    /** A name that nobody has had. */
    static String fresh() {
        return Long.toString(ThreadLocalRandom.current().nextLong(Long.MAX_VALUE), Character.MAX_RADIX);
    }

    /** The name with a lease, or null. */
    @Nullable
    String current() {
        return current;
    }

    /** The name that Redis lost sight of, and that may still be in what it holds; or null. */
    @Nullable
    String former() {
        return former;
    }

    /** All names under which Redis may hold something. */
    List<String> all() {
        return Stream.of(former, current).filter(Objects::nonNull).toList();
    }

    /** Redis has taken the name. */
    void take(String fresh) {
        current = fresh;
        call = 0;
        known = 0;
    }

    /** The number of the next call. */
    long next() {
        return ++call;
    }

    /** The last call of which Redis said that it was made. */
    long known() {
        return known;
    }

    void made(long number) {
        known = number;
    }

    /** The others take this name back, or have. */
    void end() {
        current = null;
    }

    /** Redis has forgotten something that was said under this name. */
    void lose() {
        former = former == null ? current : former;
        current = null;
    }

    void endFormer() {
        former = null;
    }
}
