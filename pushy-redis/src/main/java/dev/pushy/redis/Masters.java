package dev.pushy.redis;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Finds the masters, for ever, and leads each partition to its own: a thread asks the topology when its answer is old, or
 * when a link or lane has met a server that is not what it was. Thread-safe.
 */
final class Masters implements Link.Owner, Lane.Owner {
    private static final System.Logger LOG = System.getLogger(Masters.class.getName());
    private static final long LONGEST_PAUSE_MILLIS = 1_000;
    private static final long LEAST_PAUSE_MILLIS = 50;
    /** How often the masters are asked for while a partition has none that carries it, and how many times that is borne. */
    private static final long STRANDED_MILLIS = 100;

    private static final int STRANDED_MOST = 5;

    private final RedisConfig config;
    private final Keys keys;
    private final Line[] lines;
    private final Counters counters;
    private final IntConsumer onLaneUp;
    private final Dialer dialer;
    private final Topology topology;
    private final Deployment deployment;
    private final Workers workers = new Workers();
    private final FaultLog faults = new FaultLog(LOG);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean closed;
    private boolean wanted;

    /** The master of each partition; changed by the thread alone. */
    private volatile @Nullable Master[] masters;

    /** How often in a row a partition was found without a link. Of the thread. */
    private final int[] stranded;

    private volatile boolean sharded;
    private volatile String trouble = "Redis is not connected yet";

    /**
     * None is known yet.
     *
     * @param onLaneUp told the partition when its scripts can be called again; must not block
     */
    Masters(RedisConfig config, Keys keys, Line[] lines, Counters counters, IntConsumer onLaneUp) {
        RedisUrl url = config.url();
        this.config = config;
        this.keys = keys;
        this.lines = lines;
        this.counters = counters;
        this.onLaneUp = onLaneUp;
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
        this.stranded = new int[keys.partitions()];
    }

    void start() {
        workers.start("pushy-redis-topology", this::run);
    }

    /** The master of a partition; null before it is known. */
    @Nullable
    Master of(int partition) {
        return masters[partition];
    }

    /** Whether messages go by sharded topics. Known as soon as a master is. */
    boolean isSharded() {
        return sharded;
    }

    /** Why no master is known. */
    String trouble() {
        return trouble;
    }

    /** Whether the scripts of the partition can be called; if not, connecting is hurried. */
    boolean isReady(int partition) {
        Master master = masters[partition];
        if (master == null) {
            return false;
        }
        master.commands(partition).hurry();
        master.reads.hurry();
        return master.commands(partition).isUp() && master.reads.isUp();
    }

    /** Ends all connections and waits for their threads. */
    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        trouble = "the connection to Redis was closed";
        closeMasters();
        workers.join();
        closeMasters(); // in case that the thread has just made one
        workers.join();
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

    // On the thread.

    private void run() {
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
        List<Lane> commands = new ArrayList<>();
        for (int i = 0; i < Math.min(config.lanes(), lines.length); i++) {
            commands.add(new Lane(address, dialer, Dialer.Use.COMMANDS, config.queue(), this, counters, workers));
        }
        Lane reads = new Lane(address, dialer, Dialer.Use.READS, config.queue(), this, counters, workers);
        Link link = new Link(address, dialer, sharded, this, counters, workers);
        return new Master(address, link, commands, reads);
    }

    // What links and lanes want.

    @Override
    public void check(RedisConnection connection, HostAndPort address) {
        Master first = masters[0];
        if (first != null && first.address.equals(address) && deployment.agree(connection) != sharded) {
            throw new JedisConnectionException("the deployment sends its messages in another way than when this node"
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
        for (int p = 0; p < lines.length; p++) {
            Master master = masters[p];
            if (master != null && master.commands(p) == lane) {
                onLaneUp.accept(p);
            }
            if (master != null && (master.commands(p) == lane || master.reads == lane)) {
                lines[p].goUp();
            }
        }
    }
}
