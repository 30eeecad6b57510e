package dev.pushy.redis;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.commands.ProtocolCommand;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisMovedDataException;

/**
 * The subscription connection to one master, for all lines whose partitions it has. It delivers all, in order, or breaks;
 * then it connects again for ever.
 *
 * <p>Two threads: the reader connects, reads, and calls the lines; the writer writes what the lines have to send. Nobody else
 * writes: two writers would mix their bytes. At most {@value #WINDOW} words are unacknowledged, because their answers count
 * against the output buffer that Redis grants a subscriber.
 */
final class Link {
    private static final System.Logger LOG = System.getLogger(Link.class.getName());
    private static final int WINDOW = 8_192;
    private static final long LONGEST_PAUSE_MILLIS = 5_000;

    /** Who hears how the link does. Must not block for long. */
    interface Owner {
        /** Looks at the server before anything else is done with it. On the reader's thread. */
        void check(RedisConnection connection, HostAndPort address);

        /** Another server has to be asked, or this one is away. */
        void onMoved();

        /** The line that a topic belongs to. */
        Line lineOf(byte[] topic);

        /** The line of a slot, or null. */
        @Nullable
        Line lineOfSlot(int slot);
    }

    private final HostAndPort address;
    private final Dialer dialer;
    private final boolean sharded;
    private final Owner owner;
    private final Counters counters;
    private final Workers workers;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<Line> lines = new ArrayList<>();
    private final Backoff backoff = new Backoff(LONGEST_PAUSE_MILLIS);
    private final FaultLog faults = new FaultLog(LOG);
    private @Nullable Session session;
    private boolean work;
    private boolean closed;
    private volatile @Nullable String trouble;

    Link(HostAndPort address, Dialer dialer, boolean sharded, Owner owner, Counters counters, Workers workers) {
        this.address = address;
        this.dialer = dialer;
        this.sharded = sharded;
        this.owner = owner;
        this.counters = counters;
        this.workers = workers;
    }

    void start() {
        workers.start("pushy-redis-link-reader", this::read);
        workers.start("pushy-redis-link-writer", this::write);
    }

    /** Why there is no connection, or null. */
    @Nullable
    String trouble() {
        return trouble;
    }

    /** Carries a line from now on. */
    void attach(Line line) {
        Session carrier;
        lock.lock();
        try {
            lines.add(line);
            carrier = session;
        } finally {
            lock.unlock();
        }
        if (carrier != null) {
            line.begin(carrier);
        }
    }

    /** Carries a line no more. */
    void detach(Line line) {
        Session carrier;
        lock.lock();
        try {
            lines.remove(line);
            carrier = session;
        } finally {
            lock.unlock();
        }
        if (carrier != null) {
            line.end(carrier);
            if (!sharded) {
                // Ordinary topics go on coming from any server of a cluster; a new connection has none of them.
                carrier.abort();
            }
        }
    }

    private List<Line> lines() {
        lock.lock();
        try {
            return List.copyOf(lines);
        } finally {
            lock.unlock();
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

    /** Ends both threads soon. */
    void close() {
        lock.lock();
        try {
            closed = true;
            if (session != null) {
                session.abort();
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    // The reader.

    private void read() {
        while (!isClosed()) {
            Session made = connect();
            if (made != null) {
                readUntilBroken(made);
            }
            pause();
        }
    }

    private @Nullable Session connect() {
        RedisConnection connection = null;
        try {
            connection = dialer.master(address, Dialer.Use.LINK);
            owner.check(connection, address);
            connection.setSoTimeout(0);
            Session made = new Session(connection);
            List<Line> carried;
            lock.lock();
            try {
                if (closed) {
                    made.abort();
                    return null;
                }
                session = made;
                carried = List.copyOf(lines);
            } finally {
                lock.unlock();
            }
            trouble = null;
            faults.over("listening to Redis at " + address + " again");
            carried.forEach(line -> line.begin(made));
            return made;
        } catch (RuntimeException failed) {
            if (connection != null) {
                connection.abort();
            }
            report("cannot listen to Redis at " + address + ", trying again: ", failed);
            return null;
        }
    }

    private void report(String what, RuntimeException failed) {
        String reason = failed instanceof JedisException known ? RedisErrors.reason(known) : String.valueOf(failed);
        trouble = what + reason;
        if (!isClosed()) {
            faults.report(what + reason);
            owner.onMoved();
        }
    }

    private void readUntilBroken(Session from) {
        try {
            while (true) {
                next(from);
            }
        } catch (JedisException broken) {
            counters.linkBreaks.increment();
            report("the link from Redis at " + address + " broke, connecting again: ", broken);
        } finally {
            lock.lock();
            try {
                session = null;
            } finally {
                lock.unlock();
            }
            from.over = true;
            from.abort();
            lines().forEach(line -> line.end(from));
        }
    }

    private void next(Session from) {
        try {
            if (from.connection.getUnflushedObject() instanceof List<?> words) {
                handle(from, words);
            }
        } catch (JedisMovedDataException moved) {
            Line line = owner.lineOfSlot(moved.getSlot());
            if (line != null) {
                line.end(from);
            }
            owner.onMoved();
        } catch (JedisConnectionException broken) {
            throw broken;
        } catch (JedisDataException refused) {
            throw new JedisConnectionException(
                    "Redis refuses to let us listen: give the Redis user the channels and commands of Pushy ("
                            + RedisErrors.reason(refused) + ")",
                    refused);
        }
    }

    /** The kinds of what comes differ in their length. */
    private void handle(Session from, List<?> words) {
        byte[] kind = (byte[]) words.get(0);
        byte[] name = (byte[]) words.get(1);
        switch (kind.length) {
            case 7, 8 -> { // message, smessage
                byte[] payload = (byte[]) words.get(2);
                counters.received.increment();
                counters.receivedBytes.add(payload.length);
                owner.lineOf(name).receive(from, name, payload);
            }
            case 9, 10 -> { // subscribe, ssubscribe
                owner.lineOf(name).subscribed(from, name);
                from.acknowledged();
                backoff.succeeded();
            }
            case 11, 12 -> { // unsubscribe, sunsubscribe
                Line line = owner.lineOf(name);
                if (line.unsubscribed(from, name)) {
                    from.acknowledged();
                } else {
                    line.end(from);
                    owner.onMoved();
                }
            }
            default -> {
                // Nothing else was asked for.
            }
        }
    }

    private void pause() {
        lock.lock();
        try {
            if (!closed) {
                long nanos = TimeUnit.MILLISECONDS.toNanos(backoff.next());
                while (nanos > 0 && !closed) {
                    nanos = changed.awaitNanos(nanos);
                }
            }
        } catch (InterruptedException e) {
            // Only close() does that.
        } finally {
            lock.unlock();
        }
    }

    // The writer.

    private void write() {
        Session to = awaitWork();
        while (to != null) {
            try {
                writeAll(to);
            } catch (JedisException broken) {
                to.abort(); // The reader finds out.
            }
            to = awaitWork();
        }
    }

    /** Waits until there may be something to send; null when all is over. */
    private @Nullable Session awaitWork() {
        lock.lock();
        try {
            while (!closed && (session == null || !work || session.isFull())) {
                changed.awaitUninterruptibly();
            }
            work = false;
            return closed ? null : session;
        } finally {
            lock.unlock();
        }
    }

    private void writeAll(Session to) {
        boolean more = true;
        while (more) {
            more = false;
            for (Line line : lines()) {
                int room = Math.min(Line.BATCH, to.room());
                Line.Batch batch = room > 0 ? line.next(to, room) : null;
                if (batch != null) {
                    to.asked(batch.names().size());
                    to.connection.sendCommand(
                            word(batch.subscribe()), batch.names().toArray(byte[][]::new));
                    more = true;
                }
            }
        }
        to.connection.send();
    }

    private ProtocolCommand word(boolean subscribe) {
        if (sharded) {
            return subscribe ? Command.SSUBSCRIBE : Command.SUNSUBSCRIBE;
        }
        return subscribe ? Command.SUBSCRIBE : Command.UNSUBSCRIBE;
    }

    /** One connection of the link, from its handshake to its end. */
    final class Session {
        private final RedisConnection connection;
        private volatile boolean over;
        private int unacknowledged;

        Session(RedisConnection connection) {
            this.connection = connection;
        }

        /** A line has something to send. Any thread. */
        void wake() {
            lock.lock();
            try {
                work = true;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        /** Whether nothing comes from here any more. Any thread. */
        boolean isOver() {
            return over;
        }

        /** Breaks the connection. Any thread. */
        void abort() {
            connection.abort();
        }

        private boolean isFull() {
            return unacknowledged >= WINDOW;
        }

        private int room() {
            lock.lock();
            try {
                // What is left when the window is full is sent when there is room again.
                work |= isFull();
                return WINDOW - unacknowledged;
            } finally {
                lock.unlock();
            }
        }

        private void asked(int names) {
            lock.lock();
            try {
                unacknowledged += names;
            } finally {
                lock.unlock();
            }
        }

        private void acknowledged() {
            lock.lock();
            try {
                unacknowledged--;
                if (unacknowledged == WINDOW / 2) {
                    changed.signalAll();
                }
            } finally {
                lock.unlock();
            }
        }
    }
}
