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
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;

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
    private static final Script TELL = Script.of("tell");
    private static final long LONGEST_PAUSE_MILLIS = 1_000;
    private static final long LEAST_PAUSE_MILLIS = 50;
    /** How often the masters are asked for while a partition has none that carries it, and how many times that is borne. */
    private static final long STRANDED_MILLIS = 100;

    private static final int STRANDED_MOST = 5;

    private final RedisConfig config;
    private final String nodeId = randomId();
    private final Keys keys;
    private final Dialer dialer;
    private final Topology topology;
    private final Deployment deployment;
    private final Counters counters = new Counters();
    private final Workers workers = new Workers();
    private final ScheduledThreadPoolExecutor timer;
    private final Line[] lines;
    private final FaultLog faults = new FaultLog(LOG);
    private final RedisBroker broker;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean started;
    private boolean closed;
    private boolean wanted;
    private int users;

    /** The master of each partition; changed by the topology's thread alone. */
    private volatile @Nullable Master[] masters;

    /** How often in a row a partition was found without a link. Of the topology's thread. */
    private final int[] stranded;

    private volatile boolean sharded;
    private volatile @Nullable String trouble = "Redis is not connected yet";
    private volatile @Nullable Receiver receiver;
    private volatile @Nullable PresenceLink presence;
    private final AtomicLong shiftMillis = new AtomicLong();

    /** What the broker hears of the links; see {@link Line.Listener}. */
    interface Receiver {
        boolean onPayload(Topic topic, byte[] payload);

        void onLinkUp(int partition);

        void onLinkDown(int partition);
    }

    private RedisBackplane(RedisConfig config) {
        RedisUrl url = config.url();
        this.config = config;
        this.keys = new Keys(config.prefix(), config.partitions(), nodeId);
        this.dialer = new Dialer(config);
        this.deployment = new Deployment(keys, url.kind() == RedisUrl.Kind.CLUSTER);
        List<HostAndPort> servers = new ArrayList<>();
        url.nodes().forEach(node -> servers.add(new HostAndPort(node.host(), node.port())));
        this.topology = switch (url.kind()) {
            case SINGLE -> new FixedTopology(servers.get(0), keys.partitions());
            case SENTINEL -> new SentinelTopology(dialer, servers, String.valueOf(url.master()), keys.partitions());
            case CLUSTER -> new ClusterTopology(dialer, servers, keys);
        };
        this.masters = new @Nullable Master[keys.partitions()];
        this.lines = new Line[keys.partitions()];
        this.stranded = new int[keys.partitions()];
        Line.Listener listener = new Dispatch();
        for (int p = 0; p < lines.length; p++) {
            lines[p] = new Line(p, List.of(keys.service(p), keys.everybody(p)), listener);
        }
        this.timer = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "pushy-redis-timer");
            thread.setDaemon(true);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
        timer.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
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

    /** The word that scripts publish with. Known once anything is connected, before which no script is called. */
    byte[] publishCommand() {
        return sharded ? SPUBLISH : PUBLISH;
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
        workers.start("pushy-redis-topology", this::findMasters);
        every(config.canary(), this::sendCanaries);
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
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        trouble = "the connection to Redis was closed";
        timer.shutdown(); // what is to be tried again is, once more, and fails
        for (Line line : lines) {
            line.close();
        }
        closeMasters();
        workers.join();
        closeMasters(); // in case that the topology's thread has just made one
        workers.join();
        awaitTimer();
    }

    private void awaitTimer() {
        try {
            if (!timer.awaitTermination(5, TimeUnit.SECONDS)) {
                timer.shutdownNow();
            }
        } catch (InterruptedException e) {
            timer.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    private void closeMasters() {
        for (Master master : masters) {
            if (master != null) {
                master.close();
            }
        }
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** Runs a short task now and then on the timer's thread, until the backplane or what is returned is closed. */
    AutoCloseable every(Duration period, Runnable task) {
        try {
            ScheduledFuture<?> scheduled = timer.scheduleWithFixedDelay(
                    () -> {
                        try {
                            task.run();
                        } catch (RuntimeException | Error failed) {
                            LOG.log(System.Logger.Level.WARNING, "a timer's task failed", failed);
                        }
                    },
                    period.toMillis(),
                    period.toMillis(),
                    TimeUnit.MILLISECONDS);
            return () -> scheduled.cancel(false);
        } catch (RejectedExecutionException closing) {
            return () -> {};
        }
    }

    /** Runs a short task once on the timer's thread. False if the backplane is closed. */
    boolean after(long millis, Runnable task) {
        try {
            var unused = timer.schedule(task, millis, TimeUnit.MILLISECONDS);
            return true;
        } catch (RejectedExecutionException closing) {
            return false;
        }
    }

    // Calls.

    /** Calls a script of a partition, behind all that were called there before. Fails with a {@link BackplaneException}. */
    CompletionStage<Object> eval(int partition, ScriptCall call) {
        Master master = masters[partition];
        return master == null ? refused() : master.commands(partition).send(call);
    }

    /** The same on a connection of its own for reads, which do not wait for what others write. */
    CompletionStage<Object> read(int partition, ScriptCall call) {
        Master master = masters[partition];
        return master == null ? refused() : master.reads.send(call);
    }

    CompletionStage<Object> eval(int partition, Script script, List<byte[]> names, List<byte[]> args) {
        return eval(partition, new ScriptCall(script).keys(names).args(args));
    }

    CompletionStage<Object> read(int partition, Script script, List<byte[]> names, List<byte[]> args) {
        return read(partition, new ScriptCall(script).keys(names).args(args));
    }

    private CompletionStage<Object> refused() {
        return CompletableFuture.failedFuture(new BackplaneException(Kind.REFUSED, String.valueOf(trouble)));
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
            Master master = masters[p];
            if (master == null) {
                silent = String.valueOf(trouble);
            } else if (!master.commands(p).isUp()) {
                silent = master.commands(p).trouble();
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

    // Canaries.

    private void sendCanaries() {
        long now = System.nanoTime();
        for (Line line : lines) {
            if (!line.isUp()) {
                continue;
            }
            if (line.canary.isMissed(now, config.canary().toNanos())) {
                counters.canariesMissed.increment();
                LOG.log(
                        System.Logger.Level.WARNING,
                        "Redis took a message for partition {0} that this node does not hear: connecting again",
                        line.partition);
                line.canary.forget();
                line.reconnect();
            } else {
                sendCanary(line);
            }
        }
    }

    private void sendCanary(Line line) {
        byte[] payload = line.canary.next();
        if (payload.length == 0) {
            return;
        }
        counters.canariesSent.increment();
        ScriptCall call = new ScriptCall(TELL)
                .key(keys.service(line.partition))
                .arg(publishCommand())
                .arg(payload);
        eval(line.partition, call).whenComplete((done, failure) -> {
            if (failure == null) {
                line.canary.accepted(System.nanoTime());
            } else {
                line.canary.failed();
            }
        });
    }

    // Topology, on its thread.

    private void findMasters() {
        Backoff backoff = new Backoff(LONGEST_PAUSE_MILLIS);
        boolean agreed = false;
        while (!isClosed()) {
            long pause;
            try {
                List<HostAndPort> found = topology.masters();
                if (!agreed) {
                    agree(found.get(0));
                    agreed = true;
                }
                lead(found);
                faults.over("the Redis masters are known again");
                backoff.succeeded();
                pause = areLed() ? topology.trustMillis() : STRANDED_MILLIS;
            } catch (JedisException failed) {
                String reason = RedisErrors.reason(failed);
                trouble = "Redis is away: " + reason;
                faults.report("cannot use Redis, trying again: " + reason);
                pause = backoff.next();
            } catch (RuntimeException failed) {
                LOG.log(System.Logger.Level.ERROR, "finding the masters of Redis failed, trying again", failed);
                pause = LONGEST_PAUSE_MILLIS;
            }
            await(pause);
        }
        topology.close();
    }

    /**
     * Whether every partition is carried by the link of its master. A master that gave up a slot ends the line; if the
     * others do not know who has it, they are asked again soon, and if it is the same master in the end, only a new
     * connection tells the old words from the new ones.
     */
    private boolean areLed() {
        boolean all = true;
        for (int p = 0; p < lines.length; p++) {
            Master master = masters[p];
            boolean carried = master == null || master.link.carries(lines[p]);
            all &= carried;
            stranded[p] = carried ? 0 : stranded[p] + 1;
            if (master != null && stranded[p] == STRANDED_MOST) {
                LOG.log(System.Logger.Level.INFO, "{0} has partition {1} again", master.address, p);
                master.link.reconnect();
                stranded[p] = 0;
            }
        }
        return all;
    }

    private void agree(HostAndPort master) {
        RedisConnection connection = dialer.master(master, Dialer.Use.TOPOLOGY);
        try {
            sharded = deployment.agree(connection);
        } finally {
            connection.abort();
        }
    }

    /** Waits until the topology has to be asked again: for so long, or until something is wrong. */
    private void await(long millis) {
        lock.lock();
        try {
            long nanos = TimeUnit.MILLISECONDS.toNanos(millis);
            while (!closed && !wanted && nanos > 0) {
                nanos = changed.awaitNanos(nanos);
            }
            boolean asked = wanted;
            wanted = false;
            nanos = asked ? TimeUnit.MILLISECONDS.toNanos(LEAST_PAUSE_MILLIS) : 0;
            while (!closed && nanos > 0) {
                nanos = changed.awaitNanos(nanos);
            }
        } catch (InterruptedException e) {
            // Nobody does that.
        } finally {
            lock.unlock();
        }
    }

    private void askAgain() {
        lock.lock();
        try {
            wanted = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Leads each partition to its master. */
    private void lead(List<HostAndPort> found) {
        @Nullable Master[] before = masters;
        Map<HostAndPort, Master> open = new HashMap<>();
        for (Master master : before) {
            if (master != null) {
                open.put(master.address, master);
            }
        }
        List<Master> made = new ArrayList<>();
        @Nullable Master[] after = new @Nullable Master[lines.length];
        for (HostAndPort address : new LinkedHashSet<>(found)) {
            Master master = open.remove(address);
            Master used = master == null ? make(address) : master;
            if (master == null) {
                made.add(used);
            }
            for (int p = 0; p < lines.length; p++) {
                after[p] = found.get(p).equals(address) ? used : after[p];
            }
        }
        masters = after;
        for (int p = 0; p < lines.length; p++) {
            Master from = before[p];
            Master to = after[p];
            if (from != to && to != null) {
                if (from != null) {
                    from.link.detach(lines[p]);
                }
                to.link.attach(lines[p]);
            }
        }
        made.forEach(Master::start);
        for (Master left : open.values()) {
            LOG.log(System.Logger.Level.INFO, "{0} is no master any more", left.address);
            left.close();
        }
        if (isClosed()) {
            closeMasters();
        }
    }

    private Master make(HostAndPort address) {
        Wishes wishes = new Wishes();
        List<Lane> commands = new ArrayList<>();
        for (int i = 0; i < Math.min(config.lanes(), lines.length); i++) {
            commands.add(new Lane(address, dialer, Dialer.Use.COMMANDS, config.queue(), wishes, counters, workers));
        }
        Lane reads = new Lane(address, dialer, Dialer.Use.READS, config.queue(), wishes, counters, workers);
        Link link = new Link(address, dialer, sharded, wishes, counters, workers);
        return new Master(address, link, commands, reads);
    }

    /** What links and lanes want of the backplane. */
    private final class Wishes implements Link.Owner, Lane.Owner {
        @Override
        public void check(RedisConnection connection, HostAndPort address) {
            Master first = masters[0];
            if (first != null && first.address.equals(address) && deployment.agree(connection) != sharded) {
                throw new JedisConnectionException(
                        "the deployment sends its messages in another way than when this node"
                                + " started: start the node again");
            }
        }

        @Override
        public void onMoved() {
            askAgain();
        }

        @Override
        public void onBroken(HostAndPort address) {
            for (Master master : masters) {
                if (master != null && master.address.equals(address)) {
                    master.probe();
                    return;
                }
            }
        }

        @Override
        public Line lineOf(byte[] topic) {
            return lines[keys.partitionOf(topic)];
        }

        @Override
        public void onUp(Lane lane) {
            PresenceLink store = presence;
            for (int p = 0; p < lines.length; p++) {
                Master master = masters[p];
                if (master != null && master.commands(p) == lane && store != null) {
                    store.onLaneUp(p);
                }
                if (master != null && (master.commands(p) == lane || master.reads == lane)) {
                    lines[p].goUp();
                }
            }
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
            Master master = masters[partition];
            if (master == null) {
                return false;
            }
            master.commands(partition).hurry();
            master.reads.hurry();
            return master.commands(partition).isUp() && master.reads.isUp();
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
