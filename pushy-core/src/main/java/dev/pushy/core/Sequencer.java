package dev.pushy.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The one order of this node: what the broker says is matched, put behind the node's cursor, and offered to the shards that
 * need it, all under one short lock. Brokers and loops are called when it has been released.
 */
final class Sequencer implements Broker.Listener {
    /** The low byte of a marker says whose it is: a shard, this node, or everybody (a canary). */
    static final int NODE = 254;

    static final int CANARY = 255;
    static final int MAX_SHARDS = 254;

    private static final System.Logger LOG = System.getLogger(Sequencer.class.getName());

    /** Fair, so that publishers in a closed loop do not keep the loops from subscribing. */
    private final ReentrantLock lock = new ReentrantLock(true);

    private final @Nullable MessageLog log;
    private final HubTimers timers;
    private final HubCounters counters;
    private final Consumers consumers;
    private final InterestIndex index = new InterestIndex();
    private final Interests interest;
    private final Rosters rosters;
    private final PartitionFeed[] feeds;
    private final @Nullable Position[] positions;

    private @Nullable Cursor cursor;
    private HubShard[] shards = {};
    private List<Runnable> afterwards = new ArrayList<>();
    private long toWake;
    private long sequence;
    private long markers;
    private boolean wasDown;

    /** Who hears what is not an event. */
    interface Consumers {
        /** Another node, or this one, asks all to act. */
        void onControl(ControlMessage message);

        /** A token is void from now on. */
        void onRevocation(Revocation revocation);

        /** How many subscriptions of a channel this node has. */
        void onOccupancy(Channel channel, int subscribers);
    }

    Sequencer(
            Broker broker,
            PresenceStore presence,
            Limits limits,
            HubTimers timers,
            HubCounters counters,
            Consumers consumers) {
        this.log = broker.log().orElse(null);
        this.timers = timers;
        this.counters = counters;
        this.consumers = consumers;
        int partitions = log == null ? 0 : log.partitions();
        this.positions = new @Nullable Position[partitions];
        this.feeds = new PartitionFeed[partitions];
        if (log != null) {
            LogCalls calls = new LogCalls(log, this, timers);
            for (int p = 0; p < partitions; p++) {
                feeds[p] = new PartitionFeed(p, this, calls);
            }
        }
        this.interest = new Interests(this, index, broker, timers, consumers::onOccupancy);
        this.rosters = new Rosters(this, presence, timers, limits);
    }

    Optional<MessageLog> log() {
        return Optional.ofNullable(log);
    }

    int partitions() {
        return feeds.length;
    }

    /** The partition of a channel, or -1 without a log. */
    int partition(Channel channel) {
        return log == null ? -1 : log.partition(channel);
    }

    PartitionFeed feed(int partition) {
        return feeds[partition];
    }

    /** Answers something under the lock, then runs what it put off. */
    <T> T locked(Supplier<T> body) {
        lock.lock();
        try {
            return body.get();
        } finally {
            leave();
        }
    }

    private void leave() {
        long wake = toWake;
        toWake = 0;
        // What is empty stays with the lock: the next holder adds to it while we make our calls.
        List<Runnable> calls = List.of();
        if (!afterwards.isEmpty()) {
            calls = afterwards;
            afterwards = new ArrayList<>();
        }
        HubShard[] all = shards;
        lock.unlock();
        for (int i = 0; wake != 0 && i < all.length; i++) {
            if (ShardSet.contains(wake, i)) {
                all[i].wake();
            }
        }
        for (Runnable call : calls) {
            call.run();
        }
        interest.makeCalls();
    }

    // Shards.

    /** Gives a new loop its shard. */
    HubShard register(java.util.function.IntFunction<HubShard> shard) {
        return locked(() -> {
            if (shards.length == MAX_SHARDS) {
                throw new IllegalStateException("more than " + MAX_SHARDS + " event loops");
            }
            HubShard made = shard.apply(shards.length);
            shards = Arrays.copyOf(shards, shards.length + 1);
            shards[shards.length - 1] = made;
            made.begin(cursor);
            return made;
        });
    }

    // What the broker says.

    @Override
    public void onPublication(Publication publication, @Nullable Position previous) {
        lock.lock();
        try {
            Position place = publication.position();
            if (place.isLogged()) {
                feeds[place.partition()].onPublication(publication, previous);
            } else {
                onLiveOnly(publication);
            }
        } finally {
            leave();
        }
    }

    private void onLiveOnly(Publication publication) {
        int partition = partition(publication.channel());
        if (partition < 0) {
            hand(publication, partition);
        } else {
            feeds[partition].onLiveOnly(publication);
        }
    }

    @Override
    public void onPresence(ChannelEvent event) {
        if (event instanceof MemberEvent happened) {
            locked(() -> inOrder(event.channel(), () -> rosters.onEvent(happened)));
        }
    }

    /** The echo of a read of a channel's members. */
    void onRosterMarker(Channel channel, long marker) {
        locked(() -> inOrder(channel, () -> rosters.onMarker(channel, marker)));
    }

    /** Nobody knows what was lost of members: all rosters are read again. */
    void onMembersLost() {
        locked(() -> index.all().forEach(rosters::readIfHeard));
    }

    private void inOrder(Channel channel, Runnable call) {
        int partition = partition(channel);
        if (partition < 0) {
            call.run();
        } else {
            feeds[partition].inOrder(call);
        }
    }

    @Override
    public void onMarker(long marker, Position end) {
        locked(() -> feeds[end.partition()].onMarker(marker, end));
    }

    @Override
    public void onLinkUp(int partition) {
        locked(() -> {
            if (log == null) {
                reportLoss();
            } else {
                feeds[partition].onLinkUp();
            }
        });
    }

    /** Without a log nobody knows what was lost while the link was down. */
    private void reportLoss() {
        if (wasDown) {
            hand(new Item.Loss(-1, Gap.Reason.RESET, null, null), ShardSet.ALL);
        }
        wasDown = false;
        inSync(-1);
    }

    @Override
    public void onSetback(int partition) {
        LOG.log(
                System.Logger.Level.WARNING,
                "the log of partition {0} went back: some of what was accepted last is lost, clients are told",
                partition);
        locked(() -> {
            if (log != null) {
                feeds[partition].onSetback();
            }
        });
    }

    @Override
    public void onLinkDown(int partition) {
        locked(() -> {
            if (log == null) {
                wasDown = true;
            } else {
                feeds[partition].onLinkDown();
            }
        });
    }

    @Override
    public void onControl(ControlMessage message) {
        consumers.onControl(message);
    }

    @Override
    public void onRevocation(Revocation revocation) {
        consumers.onRevocation(revocation);
    }

    /** Lets the cursor move over what nobody here listens to. */
    void sendCanaries() {
        for (PartitionFeed feed : feeds) {
            feed.sendCanary();
        }
    }

    // Under the lock, for the feeds.

    long newMarker(int owner) {
        return ++markers << 8 | owner;
    }

    @Nullable
    Cursor cursor() {
        return cursor;
    }

    void moved(Position to) {
        positions[to.partition()] = to;
        cursor = cursor == null ? Cursor.ofKnown(positions) : cursor.with(to);
    }

    Interest[] match(Channel channel) {
        return index.match(channel);
    }

    Collection<Interest> interests() {
        return index.all();
    }

    long shards(Interest[] interests) {
        long mask = 0;
        for (Interest interest : interests) {
            mask |= interest.shards();
        }
        return mask;
    }

    /** Members who came and went while a partition was not heard are to be told now. */
    void inSync(int partition) {
        for (Interest wanted : index.all()) {
            if (wanted.roster != null && partition(wanted.roster.channel) == partition) {
                rosters.readIfHeard(wanted);
            }
        }
    }

    boolean isInSync(Channel channel) {
        int partition = partition(channel);
        return partition < 0 || feeds[partition].isInSync();
    }

    @Nullable
    Interest exactInterest(Channel channel) {
        return index.exact(channel);
    }

    boolean isHeard(Channel channel) {
        return index.match(channel).length > 0;
    }

    void hand(MemberEvent event) {
        hand(event, partition(event.channel()));
    }

    void hand(ChannelEvent event, int partition) {
        Interest[] interests = index.match(event.channel());
        long mask = shards(interests);
        if (mask != 0) {
            counters.matched.increment();
            hand(new PreparedEvent(event, partition, cursor, interests, ++sequence, timers.nanos(), counters), mask);
        }
    }

    void hand(Item item, long mask) {
        for (int i = 0; i < shards.length; i++) {
            if (ShardSet.contains(mask, i)) {
                shards[i].mailbox().offer(item);
            }
        }
        toWake |= mask;
    }

    void hand(Item item, HubShard shard) {
        shard.mailbox().offer(item);
        toWake |= ShardSet.bit(shard.index());
    }

    void handMarker(Item.Marked item) {
        int owner = (int) (item.marker() & 0xFF);
        if (owner == CANARY) {
            hand(new Item.Moved(item.cursor()), ShardSet.ALL);
        } else if (owner < shards.length) {
            hand(item, shards[owner]);
        }
    }

    // Interest.

    void close() {
        locked(rosters::close);
    }

    /** Who listens to what on this node. */
    Interests interest() {
        return interest;
    }

    /** Who is on the channels that somebody listens to. */
    Rosters rosters() {
        return rosters;
    }

    /** Runs something under the lock, then what it put off. */
    void locked(Runnable body) {
        lock.lock();
        try {
            body.run();
        } finally {
            leave();
        }
    }

    /** Makes a call when the lock has been released. Under the lock. */
    void afterwards(Runnable call) {
        afterwards.add(call);
    }

    /** The broker has acknowledged an interest. Under the lock. */
    void acknowledged(Interest acknowledged) {
        int only = acknowledged.pattern.isWildcard() ? -1 : partition(acknowledged.pattern.channel());
        for (int p = 0; p < feeds.length; p++) {
            if (only < 0 || only == p) {
                feeds[p].acknowledged(acknowledged);
            }
        }
        afterwards.addAll(acknowledged.acknowledge());
        rosters.readIfHeard(acknowledged);
    }

    /** Nobody listens to an interest any more. Under the lock. */
    void withdrawn(Interest withdrawn) {
        for (PartitionFeed feed : feeds) {
            feed.withdrawn(withdrawn);
        }
    }

    int interestCount() {
        return locked(index::size);
    }
}
