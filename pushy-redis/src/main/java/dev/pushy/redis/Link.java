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

/**
 * The subscription connection to one master, for all lines whose partitions it has. It delivers all, in order, or breaks;
 * then it connects again for ever.
 *
 * <p>Two threads: the reader connects, reads, and calls the lines; the writer writes what the lines have to send. Nobody else
 * writes: two writers would mix their bytes. The {@link Window} bounds what is unacknowledged.
 */
final class Link {
    private static final System.Logger LOG = System.getLogger(Link.class.getName());
    private static final long LONGEST_PAUSE_MILLIS = 5_000;

    /** Who hears how the link does. Must not block for long. */
    interface Owner {
        /** Looks at the server before anything else is done with it. On the reader's thread. */
        void check(RedisConnection connection, HostAndPort address);

        /** Another server has to be asked, or this one is away. */
        void onMoved();

        /** The connection broke; others to the same server may have. */
        void onBroken(HostAndPort address);

        /** The line that a topic belongs to. */
        Line lineOf(byte[] topic);
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
            // A server that gave up the slot has ended the line. Else its topics go on coming, as ordinary ones do
            // from any server of a cluster; a new connection has none of them.
            boolean goesOn = !sharded || line.isOn(carrier);
            line.end(carrier);
            if (goesOn) {
                carrier.abort();
            }
        }
    }

    /** Whether a line that is attached hears what comes, or will when the connection is there. */
    boolean carries(Line line) {
        lock.lock();
        try {
            return session == null || line.isOn(session);
        } finally {
            lock.unlock();
        }
    }

    /** Drops the connection, if there is one; it comes back. */
    void reconnect() {
        lock.lock();
        try {
            if (session != null) {
                session.abort();
            }
        } finally {
            lock.unlock();
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
            carried.forEach(line -> begin(line, made));
            return made;
        } catch (RuntimeException failed) {
            if (connection != null) {
                connection.abort();
            }
            report("cannot listen to Redis at " + address + ", trying again: ", failed);
            return null;
        }
    }

    /** A line that was detached meanwhile belongs to another link by now. */
    private void begin(Line line, Session made) {
        line.begin(made);
        if (!lines().contains(line)) {
            line.end(made);
        }
    }

    private void report(String what, RuntimeException failed) {
        String reason = RedisErrors.reason(failed);
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
            owner.onBroken(address);
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
            counters.linkBreaks.increment();
        }
    }

    private void next(Session from) {
        try {
            if (from.connection.getUnflushedObject() instanceof List<?> words) {
                handle(from, words);
            }
        } catch (JedisConnectionException broken) {
            throw broken;
        } catch (JedisDataException refused) {
            refused(from, refused);
        }
    }

    /** One error answers a whole command. */
    private void refused(Session from, JedisDataException refused) {
        Line line = from.refused();
        if (line == null || RedisErrors.kind(refused) != BackplaneException.Kind.MOVED) {
            throw new JedisConnectionException(
                    "Redis refuses to let us listen: " + RedisErrors.reason(refused), refused);
        }
        line.end(from);
        owner.onMoved();
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
                from.acknowledged(name);
                backoff.succeeded();
            }
            case 11, 12 -> { // unsubscribe, sunsubscribe
                Line line = owner.lineOf(name);
                from.acknowledged(name);
                if (!line.unsubscribed(from, name)) {
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
            while (!closed && (session == null || !work || session.window.room() == 0)) {
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
                    to.asked(line, batch.names());
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
        private final Window window = new Window();
        private volatile boolean over;

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

        private int room() {
            lock.lock();
            try {
                // What is left when the window is full is sent when there is room again.
                work |= window.room() == 0;
                return window.room();
            } finally {
                lock.unlock();
            }
        }

        private void asked(Line line, List<byte[]> names) {
            lock.lock();
            try {
                window.ask(line, names);
            } finally {
                lock.unlock();
            }
        }

        private void acknowledged(byte[] name) {
            lock.lock();
            try {
                if (window.answered(name)) {
                    changed.signalAll();
                }
            } finally {
                lock.unlock();
            }
        }

        private @Nullable Line refused() {
            lock.lock();
            try {
                changed.signalAll();
                return window.refused();
            } finally {
                lock.unlock();
            }
        }
    }
}
