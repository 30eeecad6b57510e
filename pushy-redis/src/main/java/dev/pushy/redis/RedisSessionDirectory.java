package dev.pushy.redis;

import dev.pushy.core.SessionDirectory;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Sessions of all nodes of a deployment in Redis. Made by {@link RedisBackplane#sessions}.
 *
 * <p>A session is one key with the node's name in it, under the hash of its own name, so that nobody who reads in Redis can
 * send in it. The key counts as long as the node has a lease, which one call for each partition renews every 5 s, and ends
 * after 15 s without. Keys of ended nodes go by themselves within the hour; the node says again every 20 minutes what it has, and at
 * once when Redis has forgotten the node, or was away.
 */
public final class RedisSessionDirectory implements SessionDirectory {
    private static final Logger LOG = System.getLogger(RedisSessionDirectory.class.getName());
    private static final Duration LEASE = Duration.ofSeconds(15);
    private static final Duration KEPT = Duration.ofHours(1);
    private static final Duration GOODBYE = Duration.ofSeconds(2);
    /** The most sessions of one call: what one step of Redis may cost. */
    private static final int BATCH = 128;

    private static final Script CLAIM = Script.of("session", "session-claim");
    private static final Script FIND = Script.of("session", "session-find");
    private static final Script RELEASE = Script.of("session-release");

    private final RedisBackplane redis;
    private final Duration lease;
    private final Duration kept;
    private final List<Part> parts = new ArrayList<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile String address = "";
    private volatile @Nullable AutoCloseable timer;

    RedisSessionDirectory(RedisBackplane redis) {
        this(redis, LEASE, KEPT);
    }

    /**
     * For tests.
     *
     * @param lease renewed three times in its duration
     * @param kept how long a key stays; said again three times in its duration
     */
    RedisSessionDirectory(RedisBackplane redis, Duration lease, Duration kept) {
        this.redis = redis;
        this.lease = lease;
        this.kept = kept;
        for (int p = 0; p < redis.partitions(); p++) {
            parts.add(new Part(p));
        }
    }

    @Override
    public void start(URI node) {
        if (timer != null) {
            throw new IllegalStateException("the session directory was started before");
        }
        address = node.toString();
        redis.open();
        timer = redis.every(lease.dividedBy(3), () -> parts.forEach(Part::renew));
        parts.forEach(Part::renew);
    }

    @Override
    public CompletionStage<Optional<URI>> claim(String session) {
        String name = hash(session);
        return address(part(name).claim(name));
    }

    @Override
    public CompletionStage<Optional<URI>> find(String session) {
        String name = hash(session);
        return address(part(name).find(name));
    }

    @Override
    public void release(String session) {
        String name = hash(session);
        part(name).release(name);
    }

    private static String hash(String session) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(session.getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private Part part(String name) {
        return parts.get(Math.floorMod(name.hashCode(), parts.size()));
    }

    private static CompletionStage<Optional<URI>> address(CompletionStage<String> answer) {
        CompletableFuture<Optional<URI>> result = new CompletableFuture<>();
        answer.whenComplete((text, failure) -> {
            try {
                if (failure != null) {
                    result.completeExceptionally(BackplaneException.unavailable(failure));
                } else {
                    result.complete(text.isEmpty() ? Optional.empty() : Optional.of(URI.create(text)));
                }
            } catch (IllegalArgumentException e) {
                result.completeExceptionally(BackplaneException.unavailable(e));
            }
        });
        return result;
    }

    /** {@inheritDoc} Waits for that 2 s at most; then the lease ends by itself. */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        AutoCloseable started = timer;
        if (started == null) {
            return;
        }
        try {
            started.close();
            CompletableFuture.allOf(parts.stream().map(Part::end).toArray(CompletableFuture<?>[]::new))
                    .get(GOODBYE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.log(Level.INFO, "Redis is away or slow: the sessions of this node are over when its lease is");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            throw new IllegalStateException("the timer cannot be ended", e);
        } finally {
            redis.release();
        }
    }

    /** What this node has in one partition. Any thread; calls of a partition are made in their order. */
    private final class Part {
        private final int partition;
        private final Set<String> own = ConcurrentHashMap.newKeySet();
        private final AtomicBoolean saying = new AtomicBoolean();
        /** Whether Redis may not know what this node has. */
        private volatile boolean owing;

        private volatile long saidAt = System.nanoTime();

        Part(int partition) {
            this.partition = partition;
        }

        private byte[] nodes() {
            return redis.keys().key(partition, "session-nodes");
        }

        private byte[] key(String name) {
            return redis.keys().key(partition, "session:" + name);
        }

        /** Counted as ours until another node turns out to have it: then it is only there in case that Redis is away. */
        CompletionStage<String> claim(String name) {
            own.add(name);
            return call(List.of(name)).thenApply(answer -> {
                String other = PresenceRecord.text(answer.get(1));
                if (!other.isEmpty()) {
                    own.remove(name);
                }
                return other;
            });
        }

        /** Takes sessions, and renews the lease. */
        private CompletionStage<List<?>> call(List<String> names) {
            ScriptCall call = new ScriptCall(CLAIM).key(nodes());
            names.forEach(name -> call.key(key(name)));
            call.arg(redis.nodeId())
                    .arg(address)
                    .arg(lease.toMillis())
                    .arg(kept.toMillis())
                    .arg(redis.shiftMillis());
            return redis.eval(partition, call).<List<?>>thenApply(answer -> {
                List<?> words = (List<?>) answer;
                if (words.get(0).equals(0L)) {
                    owing = true;
                }
                return words;
            });
        }

        CompletionStage<String> find(String name) {
            ScriptCall call = new ScriptCall(FIND)
                    .key(nodes())
                    .key(key(name))
                    .arg(redis.nodeId())
                    .arg(address)
                    .arg(redis.shiftMillis());
            return redis.read(partition, call).thenApply(PresenceRecord::text);
        }

        void release(String name) {
            if (own.remove(name)) {
                var unused = redis.eval(
                        partition,
                        new ScriptCall(RELEASE).key(nodes()).key(key(name)).arg(redis.nodeId()));
            }
        }

        CompletableFuture<Object> end() {
            own.clear();
            return redis.eval(partition, new ScriptCall(RELEASE).key(nodes()).arg(redis.nodeId()))
                    .toCompletableFuture();
        }

        void renew() {
            call(List.of()).whenComplete((answer, failure) -> {
                if (failure != null) {
                    owing = true;
                } else if (owing || System.nanoTime() - saidAt > kept.toNanos() / 3) {
                    sayAll();
                }
            });
        }

        private void sayAll() {
            if (saying.compareAndSet(false, true)) {
                owing = false;
                saidAt = System.nanoTime();
                say(own.iterator());
            }
        }

        private void say(Iterator<String> rest) {
            List<String> names = new ArrayList<>(BATCH);
            while (rest.hasNext() && names.size() < BATCH) {
                names.add(rest.next());
            }
            if (names.isEmpty() || closed.get()) {
                saying.set(false);
                return;
            }
            call(names).whenComplete((answer, failure) -> {
                if (failure != null) {
                    owing = true;
                    saying.set(false);
                } else {
                    say(rest);
                }
            });
        }
    }
}
