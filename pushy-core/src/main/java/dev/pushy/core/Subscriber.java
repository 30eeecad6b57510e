package dev.pushy.core;

import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A connection as the hub sees it: its subscriptions, and how far it has been told.
 *
 * <p>Confined to the loop of its connection: every method is called there.
 */
@SuppressWarnings("DoNotCallSuggester")
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
    }

    /**
     * Subscriptions that were added to a live connection are live too.
     *
     * @param cursor to be sent as a checkpoint before the answer
     * @param sinceIgnored whether the place to begin from was ignored, because another subscription of the connection
     *     matches some of the same channels
     */
    public record Added(@Nullable Cursor cursor, boolean sinceIgnored) {}

    private final Connection connection;
    private Grant grant;

    Subscriber(Connection connection, Grant grant) {
        this.connection = connection;
        this.grant = grant;
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

    /** The subscriptions: those that are live, and those on their way. */
    public List<ChannelPattern> patterns() {
        throw Pending.later();
    }

    /** Makes the first subscriptions, from where the client wants to resume. Called once; ends in {@link Listener#onOpen}. */
    public void open(Collection<ChannelPattern> patterns, Resume resume) {
        throw Pending.later();
    }

    /** Adds subscriptions. Requests of one connection apply in the order made. */
    public void add(Collection<ChannelPattern> patterns, Resume since, Consumer<Added> done) {
        throw Pending.later();
    }

    /** Drops subscriptions, after the requests before it. Those that it does not have are ignored. */
    public void remove(Collection<ChannelPattern> patterns, Consumer<@Nullable Cursor> done) {
        throw Pending.later();
    }

    /** How far the client has been told, or null where that is not known, or the broker has no log. */
    public @Nullable Cursor cursor() {
        throw Pending.later();
    }

    /** Appends a heartbeat of the format, with a checkpoint where there is a cursor, and flushes. */
    public void heartbeat() {
        throw Pending.later();
    }

    /** The transport tells that the backlog has been written, so that a replay can go on. */
    public void drained() {
        throw Pending.later();
    }

    /** The transport tells that the connection has ended. Called once, not from within {@link Connection#append}. */
    public void closed(CloseReason reason) {
        throw Pending.later();
    }
}
