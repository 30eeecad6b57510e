package dev.pushy.redis;

import dev.pushy.core.Broker;
import dev.pushy.core.Channel;
import dev.pushy.core.ChannelPattern;
import dev.pushy.redis.BackplaneException.Kind;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What the broker and the presence store of a node share: the connections to Redis. Nothing connects before one of them is
 * started; it ends when all that were started are closed, or with {@link #close}.
 *
 * <p>Thread-safe. While Redis is away it connects again for ever.
 *
 * <p>Threads: one finds the masters and leads the partitions to them; each master has the two of its {@link Link} and one
 * for each {@link Lane}; one is for timers.
 */
public final class RedisBackplane implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(RedisBackplane.class.getName());
    private static final byte[] PUBLISH = "PUBLISH".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SPUBLISH = "SPUBLISH".getBytes(StandardCharsets.US_ASCII);

    private final RedisConfig config;
    private final String nodeId = randomId();
    private final Keys keys;
    private final Counters counters = new Counters();
    private final Timers timers = new Timers();
    private final Masters masters;
    private final Line[] lines;
    private final RedisBroker broker;

    private final ReentrantLock lock = new ReentrantLock();
    private boolean started;
    private boolean closed;
    private int users;

    private volatile @Nullable Receiver receiver;
    private volatile @Nullable PresenceLink presence;
    private final AtomicLong shiftMillis = new AtomicLong();

    /** What the broker hears of the links; see {@link Line.Listener}. */
    interface Receiver {
        boolean onPayload(Topic topic, byte[] payload);

        void onLinkUp(int partition);

        void onLinkDown(int partition);

        /** The scripts of a partition can be called again. On the lane's thread; must not block. */
        void onLaneUp(int partition);
    }

    private RedisBackplane(RedisConfig config) {
        this.config = config;
        this.keys = new Keys(config.prefix(), config.partitions(), nodeId);
        this.lines = new Line[keys.partitions()];
        Line.Listener listener = new Dispatch();
        for (int p = 0; p < lines.length; p++) {
            lines[p] = new Line(p, List.of(keys.service(p), keys.everybody(p)), listener);
        }
        this.masters = new Masters(config, keys, lines, counters, this::onLaneUp);
        this.broker = new RedisBroker(this);
    }

    /** A backplane that is not connected yet. */
    public static RedisBackplane create(RedisConfig config) {
        return new RedisBackplane(config);
    }

    private static String randomId() {
        byte[] random = new byte[12];
        new SecureRandom().nextBytes(random);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    }

    /** The broker on it; the same each time. */
    public RedisBroker broker() {
        return broker;
    }

    RedisConfig config() {
        return config;
    }

    Keys keys() {
        return keys;
    }

    /** Of this node, until it ends. */
    String nodeId() {
        return nodeId;
    }

    int partitions() {
        return keys.partitions();
    }

    int partition(Channel channel) {
        return keys.partition(channel);
    }

    Counters counters() {
        return counters;
    }

    /** Which server the scripts of a partition go to now; null before one is known. */
    @Nullable
    Master master(int partition) {
        return masters.of(partition);
    }

    /** The word that scripts publish with. Known once anything is connected, before which no script is called. */
    byte[] publishCommand() {
        return masters.isSharded() ? SPUBLISH : PUBLISH;
    }

    /** What scripts add to the time of Redis; tests let time pass with it. */
    long shiftMillis() {
        return shiftMillis.get();
    }

    void shift(Duration time) {
        shiftMillis.addAndGet(time.toMillis());
    }

    /** The presence of the deployment; to be started once. */
    public RedisPresenceStore presence() {
        return new RedisPresenceStore(this);
    }

    /** The sessions of the deployment, for nodes that hand requests on to each other; to be started once. */
    public RedisSessionDirectory sessions() {
        return new RedisSessionDirectory(this);
    }

    // Life.

    /** Before {@link #open}: who hears the broker's part. */
    void receiver(Receiver broker) {
        receiver = broker;
        tellIfUp(broker::onLinkUp);
    }

    /** Before {@link #open}: who hears the presence store's part. */
    void presence(PresenceLink store) {
        presence = store;
        tellIfUp(store::onLinkUp);
    }

    private void tellIfUp(java.util.function.IntConsumer up) {
        for (Line line : lines) {
            line.whenUp(() -> up.accept(line.partition));
        }
    }

    /** Connects, if nobody has before. Each user opens it once. */
    void open() {
        lock.lock();
        try {
            users++;
            if (started || closed) {
                return;
            }
            started = true;
        } finally {
            lock.unlock();
        }
        masters.start();
        timers.every(config.canary(), new Canaries(this, lines));
    }

    /** A user is done; the last one closes the backplane. */
    void release() {
        boolean last;
        lock.lock();
        try {
            users--;
            last = users == 0;
        } finally {
            lock.unlock();
        }
        if (last) {
            close();
        }
    }

    /** Ends all connections and waits for their threads. What is not answered fails. Idempotent. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
        } finally {
            lock.unlock();
        }
        timers.shutDown(); // what is to be tried again is, once more, and fails
        for (Line line : lines) {
            line.close();
        }
        masters.close();
        timers.await();
    }

    /** Runs a short task now and then on the timer's thread, until the backplane or what is returned is closed. */
    AutoCloseable every(Duration period, Runnable task) {
        return timers.every(period, task);
    }

    /** Runs a short task once on the timer's thread. False if the backplane is closed. */
    boolean after(long millis, Runnable task) {
        return timers.after(millis, task);
    }

    // Calls.

    /** Calls a script of a partition, behind all that were called there before. Fails with a {@link BackplaneException}. */
    CompletionStage<Object> eval(int partition, ScriptCall call) {
        Master master = masters.of(partition);
        return master == null ? refused() : master.commands(partition).send(call);
    }

    /** The same on a connection of its own for reads, which do not wait for what others write. */
    CompletionStage<Object> read(int partition, ScriptCall call) {
        Master master = masters.of(partition);
        return master == null ? refused() : master.reads.send(call);
    }

    CompletionStage<Object> eval(int partition, Script script, List<byte[]> names, List<byte[]> args) {
        return eval(partition, new ScriptCall(script).keys(names).args(args));
    }

    CompletionStage<Object> read(int partition, Script script, List<byte[]> names, List<byte[]> args) {
        return read(partition, new ScriptCall(script).keys(names).args(args));
    }

    private CompletionStage<Object> refused() {
        return CompletableFuture.failedFuture(new BackplaneException(Kind.REFUSED, masters.trouble()));
    }

    // Interest.

    /** Listens to what the pattern matches. Completes in link order. */
    CompletionStage<Void> declare(ChannelPattern pattern) {
        if (!pattern.isWildcard()) {
            Channel channel = pattern.channel();
            return lines[keys.partition(channel)].declare(keys.topic(channel), pattern);
        }
        CompletableFuture<?>[] stages = new CompletableFuture<?>[lines.length];
        for (int p = 0; p < lines.length; p++) {
            stages[p] = lines[p].declare(keys.topic(p, pattern), pattern).toCompletableFuture();
        }
        return lines.length == 1 ? stages[0].thenApply(done -> null) : CompletableFuture.allOf(stages);
    }

    void withdraw(ChannelPattern pattern) {
        if (!pattern.isWildcard()) {
            Channel channel = pattern.channel();
            lines[keys.partition(channel)].withdraw(keys.topic(channel), pattern);
            return;
        }
        for (int p = 0; p < lines.length; p++) {
            lines[p].withdraw(keys.topic(p, pattern), pattern);
        }
    }

    /** Drops the link of a partition; it comes back. */
    void reconnect(int partition) {
        LOG.log(System.Logger.Level.WARNING, "a message of partition {0} is missing, connecting again", partition);
        lines[partition].reconnect();
    }

    /** Whether the node hears the partition. */
    boolean isUp(int partition) {
        return lines[partition].isUp();
    }

    /** How the two paths do, apart. */
    Broker.Health health() {
        String silent = null;
        String deaf = null;
        for (int p = 0; p < lines.length; p++) {
            Master master = masters.of(p);
            if (master == null) {
                silent = masters.trouble();
            } else if (!master.commands(p).isUp()) {
                String known = master.commands(p).trouble();
                silent = known == null ? "the connection to Redis at " + master.address + " is not up yet" : known;
            }
            if (!lines[p].isUp()) {
                deaf = master == null || master.link.trouble() == null
                        ? "the link of partition " + p + " is not up yet"
                        : master.link.trouble();
            }
        }
        return new Broker.Health(silent == null, deaf == null, silent == null ? deaf : silent);
    }

    /** What the connections did, and how they stand. Any thread. */
    public BackplaneStats stats() {
        List<Boolean> connected = new ArrayList<>(lines.length);
        for (Line line : lines) {
            connected.add(line.isUp());
        }
        return counters.stats(connected);
    }

    private void onLaneUp(int partition) {
        PresenceLink store = presence;
        if (store != null) {
            store.onLaneUp(partition);
        }
        Receiver broker = receiver;
        if (broker != null) {
            broker.onLaneUp(partition);
        }
    }

    /** Hands what comes on the lines to those whom it concerns. */
    private final class Dispatch implements Line.Listener {
        @Override
        public boolean onPayload(Topic topic, byte[] payload) {
            if (Wire.isPresence(payload[0])) {
                PresenceLink store = presence;
                if (store != null) {
                    store.onPayload(topic.line.partition, payload);
                }
                return true;
            }
            Receiver broker = receiver;
            return broker != null && broker.onPayload(topic, payload);
        }

        @Override
        public boolean isReady(int partition) {
            return masters.isReady(partition);
        }

        @Override
        public void onUp(int partition) {
            PresenceLink store = presence;
            if (store != null) {
                store.onLinkUp(partition);
            }
            Receiver broker = receiver;
            if (broker != null) {
                broker.onLinkUp(partition);
            }
        }

        @Override
        public void onDown(int partition) {
            PresenceLink store = presence;
            if (store != null) {
                store.onLinkDown(partition);
            }
            Receiver broker = receiver;
            if (broker != null) {
                broker.onLinkDown(partition);
            }
        }
    }
}
