package dev.pushy.core;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A connection as the hub sees it: its subscriptions, and how far it has been told.
 *
 * <p>Confined to the loop of its connection: every method is called there.
 */
public final class Subscriber {

    /** What a protocol hears of its connection, on the connection's loop. Frames that it appends stand in this order. */
    public interface Listener {
        /**
         * The connection is live on its first subscriptions: every missed message was written, no later one yet. The
         * protocol writes the cursor as a checkpoint and says that the stream is open.
         *
         * @param cursor null while the broker has no position, or has no log
         * @param resumed whether what the client asked to resume from was known
         */
        void onOpen(@Nullable Cursor cursor, boolean resumed);

        /** Another node or a publisher asks to change this stream. */
        void onChange(ControlMessage.ChangeStream change);

        /** The node drains: tell the client to come back after this time. The connection is closed afterwards. */
        void onDrain(long reconnectMillis);

        /**
         * How long the connection stays open after {@link #onDrain}. Protocols that cannot tell a client when to come back
         * answer the same time, so that their clients do not all come back at once.
         */
        default long staysOpen(long reconnectMillis) {
            return 0;
        }

        /**
         * Whether the connection is a member of each channel with presence that it subscribes to, by its grant and the
         * channel's {@link ChannelPolicy}. Protocols that say themselves who is a member answer false.
         */
        default boolean joinsByPolicy() {
            return true;
        }
    }

    /**
     * Subscriptions that were added to a live connection are live too.
     *
     * @param cursor to be sent as a checkpoint before the answer
     * @param sinceIgnored whether the place to begin from was ignored, because another subscription of the connection
     *     matches some of the same channels
     */
    public record Added(@Nullable Cursor cursor, boolean sinceIgnored) {}

    /** How much of a replay is written before the socket must have taken it. */
    private static final int PAGE_BYTES = 64 * 1024;
    /** How many messages a connection is written in one turn of the loop, so that others get theirs. */
    static final int MESSAGES_PER_TURN = 2_000;

    /** Set while the connection waits to be flushed; the shard's. */
    boolean touched;
    /** The place among the shard's subscribers; the shard's. */
    int place;

    private final Hub hub;
    private final HubShard shard;
    private final Connection connection;
    private final Listener listener;
    private final Subscriptions subscriptions;
    private volatile Grant grant;
    /** The last event that was handed to this: one that several subscriptions match comes once. */
    private long lastSequence;

    private @Nullable Detour detour;
    /** The request that gave way to a recovery. */
    private @Nullable Detour postponed;
    /** Requests behind one that is under way; the protocol bounds them. */
    private @Nullable ArrayDeque<Runnable> requests;

    private boolean opened;
    private boolean closed;

    Subscriber(Hub hub, HubShard shard, Connection connection, Grant grant, Listener listener) {
        this.hub = hub;
        this.shard = shard;
        this.connection = connection;
        this.grant = grant;
        this.listener = listener;
        this.subscriptions = new Subscriptions(this, listener.joinsByPolicy());
    }

    /** The socket. Any thread. */
    public Connection connection() {
        return connection;
    }

    /** What its token allows. */
    public Grant grant() {
        return grant;
    }

    /** Replaces the grant after the client brought a new token of the same subject. */
    public void grant(Grant renewed) {
        this.grant = renewed;
    }

    /** The subscriptions that are live, or on their way with the opening. */
    public List<ChannelPattern> patterns() {
        return subscriptions.patterns();
    }

    /**
     * Makes the first subscriptions, from where the client wants to resume. Called once; ends in {@link Listener#onOpen}, at
     * once if there is nothing to wait for: no subscription, and a node that knows where it stands.
     */
    public void open(Collection<ChannelPattern> patterns, Resume resume) {
        if (patterns.isEmpty() && resume == Resume.NOW && shard.cursor() != null) {
            live(true, shard.cursor(), false);
            return;
        }
        for (ChannelPattern pattern : new LinkedHashSet<>(patterns)) {
            subscriptions.all().add(subscriptions.attach(pattern));
        }
        begin(Recovery.opening(this, resume));
    }

    /** Adds subscriptions. Requests of one connection apply in the order made. */
    public void add(Collection<ChannelPattern> patterns, Resume since, Consumer<Added> done) {
        request(() -> {
            Set<ChannelPattern> missing = new LinkedHashSet<>(patterns);
            missing.removeAll(patterns());
            if (missing.isEmpty()) {
                done.accept(new Added(cursor(), false));
            } else {
                boolean ignored = since != Resume.NOW && subscriptions.overlapAny(missing);
                begin(new Addition(this, missing, ignored ? Resume.NOW : since, ignored, done));
            }
        });
    }

    /**
     * Subscribes to channels for protocols whose answer stands before the first event of a channel. Requests of one
     * connection apply in the order made.
     *
     * <p>{@code done} is called at the cut: nothing of these channels was written before, and everything from behind the
     * cut is written after it has returned, in order, nothing twice and nothing missed, joins and leaves included. The
     * connection's other output is held meanwhile. Channels that are subscribed already are left as they are.
     *
     * <p>While the broker or the presence store is away the answer waits for it.
     */
    public void enter(List<Channel> channels, Entry entry, Consumer<Entered> done) {
        request(() -> {
            Set<ChannelPattern> missing = new LinkedHashSet<>();
            channels.forEach(channel -> missing.add(ChannelPattern.of(channel)));
            missing.removeAll(patterns());
            begin(new Entrance(this, missing, entry, done));
        });
    }

    /** Makes somebody a member of a channel until the connection ends, without subscribing. At once. */
    public void join(Channel channel, Member member) {
        if (!closed) {
            subscriptions.join(channel, member);
        }
    }

    /** Drops subscriptions, after the requests before it. Those that it does not have are ignored. */
    public void remove(Collection<ChannelPattern> patterns, Consumer<@Nullable Cursor> done) {
        request(() -> {
            subscriptions.remove(patterns);
            done.accept(cursor());
        });
    }

    private void request(Runnable apply) {
        if (opened && detour == null && (requests == null || requests.isEmpty())) {
            apply.run();
            return;
        }
        if (requests == null) {
            requests = new ArrayDeque<>(4);
        }
        requests.add(apply);
    }

    private void nextRequests() {
        if (detour == null && !closed && postponed != null) {
            Detour again = postponed;
            postponed = null;
            begin(again);
        }
        while (detour == null && !closed && requests != null) {
            Runnable next = requests.poll();
            if (next == null) {
                requests = null;
                return;
            }
            next.run();
        }
    }

    /** How far the client has been told, or null where that is not known, or the broker has no log. */
    public @Nullable Cursor cursor() {
        return detour == null ? shard.cursor() : detour.cursor();
    }

    /** Appends a heartbeat of the format, with a checkpoint where there is a cursor, and flushes. */
    public void heartbeat() {
        byte[] frame = detour == null
                ? shard.heartbeat(connection.format(), shard.cursor())
                : connection.format().heartbeat(detour.cursor());
        if (frame != null) {
            connection.append(frame, null);
            connection.flush();
        }
    }

    /** The transport tells that the backlog has been written, so that a replay can go on. */
    public void drained() {
        if (detour != null) {
            detour.proceed();
        }
    }

    /** The transport tells that the connection has ended. Called once, not from within {@link Connection#append}. */
    public void closed(CloseReason reason) {
        if (closed) {
            return;
        }
        closed = true;
        if (detour != null) {
            shard.end(detour);
            detour.abandon();
        }
        if (postponed != null) {
            postponed.abandon();
        }
        subscriptions.end();
        requests = null;
        hub.onClosed(this, shard, reason);
    }

    // For the hub, the shard and the detours.

    Hub hub() {
        return hub;
    }

    HubShard shard() {
        return shard;
    }

    Listener listener() {
        return listener;
    }

    /** Runs a task on the loop: at once if this is it. */
    void onLoop(Runnable task) {
        EventLoop loop = connection.loop();
        if (loop.inEventLoop()) {
            task.run();
        } else {
            loop.execute(task);
        }
    }

    boolean isClosed() {
        return closed;
    }

    boolean hasDetour() {
        return detour != null;
    }

    /** Whether the shared frames of these publications are for this connection, now. */
    boolean takes(PreparedBurst burst) {
        if (!isNews(burst.last())) {
            return false;
        }
        Detour way = detour;
        if (way != null) {
            for (int i = 0; i < burst.size(); i++) {
                way.onEvent(burst.event(i));
            }
            return false;
        }
        String excepted = burst.excepted();
        return excepted == null || !excepted.equals(connection.id());
    }

    /** Whether the shared frame of somebody's coming or going is for this connection, now. */
    boolean takesMember(PreparedEvent event) {
        if (!isNews(event)) {
            return false;
        }
        if (detour != null) {
            detour.onEvent(event);
        }
        return detour == null;
    }

    private boolean isNews(PreparedEvent event) {
        if (lastSequence >= event.sequence) {
            return false;
        }
        lastSequence = event.sequence;
        return true;
    }

    /** An event is not for this connection, whatever else of it matches. */
    void passOver(PreparedEvent event) {
        lastSequence = event.sequence;
    }

    /** Whether another message of a replay can be written without being taken for a slow consumer. */
    boolean hasRoom() {
        return connection.backlog() < Math.min(PAGE_BYTES, hub.limits().backlogBytes() / 4);
    }

    /**
     * Writes as much as the socket takes in one turn.
     *
     * @param writeNext writes one thing; false when there was none
     * @param proceed called when it is time for the next page
     * @return whether all is written
     */
    boolean writePage(BooleanSupplier writeNext, Runnable proceed) {
        int budget = MESSAGES_PER_TURN;
        while (budget-- > 0) {
            if (!hasRoom()) {
                connection.flush();
                if (!hasRoom()) {
                    return false;
                }
            }
            if (!writeNext.getAsBoolean()) {
                return true;
            }
        }
        connection.loop().schedule(proceed, 1);
        return false;
    }

    boolean isExcepted(PreparedEvent event) {
        Publication publication = event.publication;
        return publication != null && connection.id().equals(publication.excepted());
    }

    /** What it listens to. */
    Subscriptions subscriptions() {
        return subscriptions;
    }

    /** The opening, or a recovery after the loop lost events, is through. */
    void live(boolean opening, @Nullable Cursor cursor, boolean resumed) {
        endDetour();
        if (opening) {
            opened = true;
            listener.onOpen(cursor, resumed);
            subscriptions.all().forEach(subscriptions::tellLive);
        } else {
            checkpoint();
        }
        connection.flush();
        nextRequests();
    }

    /** The subscriptions of a request are through. */
    void added(List<Subscription> live, Added answer, Consumer<Added> done) {
        endDetour();
        subscriptions.all().addAll(live);
        done.accept(answer);
        live.forEach(subscriptions::tellLive);
        connection.flush();
        nextRequests();
    }

    /** The channels of an entrance are live; what was held goes out next. */
    void entered(List<Subscription> live, Entered answer, Consumer<Entered> done) {
        subscriptions.all().addAll(live);
        done.accept(answer);
        live.forEach(subscriptions::tellLive);
    }

    /** An entrance has nothing more to do. */
    void through() {
        endDetour();
        connection.flush();
        nextRequests();
    }

    private void endDetour() {
        if (detour != null) {
            shard.end(detour);
        }
        detour = null;
    }

    /** The loop lost events: the log has them. */
    void recoverAgain() {
        if (closed) {
            return;
        }
        if (detour != null) {
            detour.restart();
        } else if (opened) {
            recoverFrom(shard.cursor());
        }
    }

    /** Reads on from a cursor, on the same connection. */
    void recoverFrom(@Nullable Cursor from) {
        endDetour();
        begin(Recovery.onwards(this, from));
    }

    /** A request gave way to a recovery, and is to be made again behind it. */
    void retryAfterwards(Detour way) {
        postponed = way;
    }

    private void begin(Detour next) {
        detour = next;
        shard.begin(next);
        next.start();
    }

    void checkpoint() {
        Cursor at = cursor();
        byte[] frame = at == null || closed ? null : connection.format().checkpoint(at);
        if (frame != null) {
            connection.append(frame, null);
            shard.touch(this);
        }
    }

    /** Appends the shared frame. */
    void append(PreparedEvent event) {
        write(event.frame(connection.format()), event.publication);
    }

    /** Appends a frame of its own. */
    void append(PreparedEvent event, @Nullable Cursor own, @Nullable Cursor since) {
        write(event.encode(connection.format(), own, since), event.publication);
    }

    /** Appends a message of a replay. */
    void append(Publication publication, @Nullable Cursor own, @Nullable Cursor since) {
        write(connection.format().publication(publication, own, since), publication);
    }

    private void write(byte @Nullable [] frame, @Nullable Publication publication) {
        if (frame != null && !closed) {
            connection.append(frame, publication);
            shard.counters().deliveries.increment();
        }
    }

    void gap(List<String> channels, Gap.Reason reason) {
        byte[] frame = channels.isEmpty() || closed ? null : connection.format().gap(new Gap(channels, reason));
        if (frame != null) {
            connection.append(frame, null);
            shard.counters().gap(reason);
        }
    }

    /** Tells a loss of the node if it concerns this connection, and says whether it does. */
    boolean tellLoss(Item.Loss loss) {
        List<String> concerned = subscriptions.concernedBy(loss);
        gap(concerned, loss.reason());
        if (!concerned.isEmpty()) {
            shard.touch(this);
        }
        return !concerned.isEmpty();
    }
}
