package dev.pushy.redis;

import dev.pushy.core.Channel;
import dev.pushy.core.Member;
import dev.pushy.core.PresenceStore;
import dev.pushy.core.UnavailableException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Presence and occupancy in Redis, for all nodes of a deployment. Made by {@link RedisBackplane#presence}.
 *
 * <p><b>Leases.</b> What a node said belongs to its lease, which one call for each partition renews every 5 s, however many
 * members there are. It ends after 15 s without; then the other nodes take back what the node said, a bounded number of
 * members with each call, and each transition that follows is decided, and told, once. Time is that of Redis. A node that
 * was taken for dead and lives learns of it with its next call and says all again: members who were told to have left join
 * again, of the others nobody hears.
 *
 * <p><b>Outages.</b> While Redis is away, stages fail with {@link UnavailableException}, at most 1 s and the time-out of a
 * command later. The store nevertheless keeps what was told last, for each channel and subject, and brings Redis to it as soon as it is
 * back: nothing has to be told again. The exception is an update with a limit of members that would raise the count: when
 * that fails it is not kept, and whoever still wants the place asks again. When Redis comes back empty or with old data, the
 * node says all again, as a join to those who do not know the member and without a new transition.
 *
 * <p><b>Transitions</b> are heard by one node for each partition, in the order in which they were decided, and are kept
 * until the stage of {@link dev.pushy.core.PresenceStore.Listener#onTransition} completes. When that node ends another one
 * takes its place within 20 s, and tells again what was not known to be dealt with, with the same ids. Up to 50,000 of a
 * partition are told and not dealt with, then no more are told; up to 100,000 wait in it, then the oldest are dropped. What
 * Redis itself loses is lost.
 *
 * <p>Joins and leaves come on the link of the channel's partition, to nodes that declared their interest with the broker.
 */
public final class RedisPresenceStore implements PresenceStore {
    private static final Logger LOG = System.getLogger(RedisPresenceStore.class.getName());

    private static final Duration LEASE = Duration.ofSeconds(15);
    /** How often it is tried whether Redis is back. */
    private static final Duration RETRY = Duration.ofSeconds(1);
    /** How long the nodes get to say again what Redis has lost. */
    private static final Duration SETTLING = Duration.ofSeconds(2);

    private final RedisBackplane redis;
    private final Duration lease;
    private final boolean renewing;
    private final PresenceCounters counters = new PresenceCounters();
    private final List<Part> parts = new ArrayList<>();
    private final List<AutoCloseable> timers = new ArrayList<>();
    private final ExecutorService thread = Executors.newSingleThreadExecutor(RedisPresenceStore::thread);

    private volatile @Nullable Listener listener;
    private volatile boolean closed;

    /** What the store has for each partition. */
    record Part(PresenceCalls calls, PresencePartition partition, PresenceTeller teller, PresenceReaper reaper) {}

    RedisPresenceStore(RedisBackplane redis) {
        this(redis, LEASE, true);
    }

    /**
     * For tests: other leases, and perhaps renewed only by {@link #renew}.
     *
     * @param lease renewed three times in its duration
     */
    RedisPresenceStore(RedisBackplane redis, Duration lease, boolean renewing) {
        this.redis = redis;
        this.lease = lease;
        this.renewing = renewing;
    }

    @Override
    public void start(Listener hearing) {
        synchronized (parts) {
            if (listener != null || closed) {
                throw new IllegalStateException(
                        "the presence store was " + (closed ? "closed" : "started") + " before");
            }
            for (int p = 0; p < redis.partitions(); p++) {
                parts.add(part(p));
            }
            listener = hearing;
            redis.presence(new Link());
            redis.open();
            timers.add(redis.every(RETRY, () -> parts.forEach(part -> part.partition.retry())));
            if (renewing) {
                timers.add(redis.every(lease.dividedBy(3), this::renew));
            }
        }
        renew();
    }

    private Part part(int number) {
        PresenceCalls calls = new PresenceCalls(redis, number, lease.toMillis());
        PresenceReaper reaper = new PresenceReaper(calls, counters);
        PresenceTeller teller = new PresenceTeller(calls, counters, thread, this::tell, PresenceTeller.IN_FLIGHT);
        PresencePartition partition =
                new PresencePartition(calls, teller, reaper, counters, task -> redis.after(SETTLING.toMillis(), task));
        return new Part(calls, partition, teller, reaper);
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "pushy-presence");
        thread.setDaemon(true);
        return thread;
    }

    /** Renews the leases, and takes back what others left whose leases have run out. */
    void renew() {
        parts.forEach(part -> part.partition.renew());
    }

    /** The name under which this node has a lease of a partition, or null. */
    @Nullable
    String name(int partition) {
        return parts.get(partition).partition.name();
    }

    @Override
    public CompletionStage<Boolean> update(Channel channel, Member member, int most) {
        if (member.connections() < 0) {
            throw new IllegalArgumentException("a member has " + member.connections() + " connections");
        }
        return say(new Statement(
                channel, member.subject(), member.meta(), member.connections(), Math.max(0, most), false));
    }

    @Override
    public CompletionStage<Void> update(Channel channel, int subscribers) {
        if (subscribers < 0) {
            throw new IllegalArgumentException("a channel has " + subscribers + " subscribers");
        }
        if (channel.isReserved()) {
            return CompletableFuture.completedFuture(null);
        }
        return say(new Statement(channel, null, "", subscribers, Integer.MAX_VALUE, false))
                .thenApply(fits -> null);
    }

    private CompletionStage<Boolean> say(Statement statement) {
        return ask(statement.channel(), part -> part.partition.say(statement));
    }

    @Override
    public CompletionStage<List<Member>> members(Channel channel) {
        return ask(channel, part -> part.calls.members(channel, null));
    }

    /**
     * {@inheritDoc} When Redis has lost data the answer waits 2 s for what the nodes say again, so that whoever compares it
     * with what was known before does not take members for gone who are there.
     */
    @Override
    public CompletionStage<List<Member>> members(Channel channel, long marker) {
        return ask(channel, part -> part.partition.settled().thenCompose(done -> part.calls.members(channel, marker)));
    }

    @Override
    public CompletionStage<Integer> memberCount(Channel channel) {
        return ask(channel, part -> part.calls.memberCount(channel));
    }

    @Override
    public CompletionStage<Integer> subscriberCount(Channel channel) {
        return ask(channel, part -> part.calls.subscriberCount(channel));
    }

    /** {@inheritDoc} Reads the partitions one after the other, 1,000 channels with each call. */
    @Override
    public CompletionStage<Map<String, Integer>> occupied(String app, String prefix) {
        return ask(() -> OccupiedListing.of(parts.stream().map(Part::calls).toList(), app, prefix));
    }

    private <T> CompletionStage<T> ask(Channel channel, Function<Part, CompletionStage<T>> question) {
        return ask(() -> question.apply(parts.get(redis.partition(channel))));
    }

    private <T> CompletionStage<T> ask(Supplier<CompletionStage<T>> question) {
        if (closed || listener == null) {
            return CompletableFuture.failedFuture(
                    new UnavailableException("the presence store is " + (closed ? "closed" : "not started")));
        }
        CompletableFuture<T> answer = new CompletableFuture<>();
        question.get().whenComplete((value, failure) -> {
            if (failure != null) {
                answer.completeExceptionally(BackplaneException.unavailable(failure));
            } else {
                answer.complete(value);
            }
        });
        return answer;
    }

    /** What presence did on this node, and how it stands. */
    public PresenceStats stats() {
        int entries = 0;
        long outbox = 0;
        synchronized (parts) {
            for (Part part : parts) {
                entries += part.partition.size();
                outbox += part.teller.waiting();
            }
        }
        return counters.stats(entries, outbox);
    }

    /**
     * {@inheritDoc} Waits 5 s at most for transitions that are being dealt with, and as long for what is taken back; what is
     * left by then the other nodes tell and take back.
     */
    @Override
    public void close() {
        synchronized (parts) {
            if (closed) {
                return;
            }
            closed = true;
        }
        timers.forEach(RedisPresenceStore::end);
        new PresenceGoodbye(parts, thread).say(() -> tell(Listener::onClosing));
        thread.shutdown();
        if (listener != null) {
            redis.release();
        }
    }

    private static void end(AutoCloseable timer) {
        try {
            timer.close();
        } catch (Exception e) {
            throw new IllegalStateException("a timer cannot be ended", e);
        }
    }

    private CompletionStage<Void> tell(Transition transition) {
        Listener hearing = listener;
        if (hearing == null) {
            return CompletableFuture.failedFuture(new IllegalStateException("nobody listens"));
        }
        try {
            return Objects.requireNonNull(hearing.onTransition(transition), "stage");
        } catch (RuntimeException | Error failed) { // it would fail again
            LOG.log(Level.ERROR, "A listener of the presence store failed", failed);
            return Transition.DONE;
        }
    }

    private void tell(Consumer<Listener> call) {
        Listener hearing = listener;
        if (hearing == null) {
            return;
        }
        try {
            call.accept(hearing);
        } catch (RuntimeException | Error failed) { // or the link, or the teller, would end
            LOG.log(Level.ERROR, "A listener of the presence store failed", failed);
        }
    }

    /** What comes from the other nodes. */
    private final class Link implements PresenceLink {
        @Override
        public void onPayload(int partition, byte[] payload) {
            if (payload[0] == PresencePayload.OUTBOX) {
                parts.get(partition).teller.look();
            } else if (!closed) {
                tell(hearing -> PresencePayload.tell(payload, hearing));
            }
        }

        @Override
        public void onLinkUp(int partition) {
            parts.get(partition).teller.lookFromStart(); // somebody may have said that there is something
        }

        @Override
        public void onLinkDown(int partition) {
            parts.get(partition).partition.doubt();
        }

        @Override
        public void onLaneUp(int partition) {
            parts.get(partition).teller.lookFromStart();
            parts.get(partition).partition.renew();
        }
    }
}
