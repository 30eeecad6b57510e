package dev.pushy.examples.postgres;

import dev.pushy.core.Broker.Listener;
import dev.pushy.core.Channel;
import dev.pushy.core.ChannelPattern;
import dev.pushy.core.Publication;
import dev.pushy.core.UnavailableException;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * What a node hears: a thread that waits on a connection of its own until it is woken, reads the events behind the last one
 * that it read, and hands to the listener what the node is interested in.
 *
 * <p>An interest counts from the moment at which this thread takes it, which is between two reads: all events before it have
 * been handed out then, none behind it.
 */
final class Inbox implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Inbox.class.getName());
    private static final AtomicLong NAMES = new AtomicLong();
    /** Whether it was woken or not, it looks so often: a connection that is dead shows itself then. */
    private static final int LOOK_MILLIS = 1_000;

    private static final long RETRY_MILLIS = 200;
    private static final long FORGET_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final int PAGE = 500;
    private static final int ONLY_PARTITION = 0;

    private final DataSource database;
    private final Calls calls;
    /** Where this node alone is woken. */
    private final String bell = "pushy_" + ProcessHandle.current().pid() + "_" + NAMES.incrementAndGet();

    private final Set<ChannelPattern> interests = ConcurrentHashMap.newKeySet();
    private final Map<ChannelPattern, CompletableFuture<Void>> wishes = new ConcurrentHashMap<>();
    private final Thread thread = new Thread(this::run, "postgres-inbox");

    private @Nullable Listener listener;
    private volatile @Nullable Connection connection;
    private volatile @Nullable String trouble = "the database is not connected yet";
    private volatile boolean closed;
    /** The number of the last event that was read; -1 before the first connection. */
    private long position = -1;

    private long forgotten = System.nanoTime();

    Inbox(DataSource database, Calls calls) {
        this.database = database;
        this.calls = calls;
        thread.setDaemon(true);
    }

    void start(Listener hearing) {
        listener = hearing;
        thread.start();
    }

    /** Completes when the interest counts. */
    CompletionStage<Void> add(ChannelPattern interest) {
        CompletableFuture<Void> wish = wishes.computeIfAbsent(interest, any -> new CompletableFuture<>());
        if (closed) {
            refuseWishes();
        } else {
            ring();
        }
        return wish;
    }

    void remove(ChannelPattern interest) {
        CompletableFuture<Void> wish = wishes.remove(interest);
        if (wish != null) {
            wish.complete(null);
        }
        interests.remove(interest);
    }

    /** Wakes the thread. If the database is away, connecting again will. */
    private void ring() {
        calls.run(open -> Statements.execute(open, "NOTIFY " + bell));
    }

    /** What is wrong, or null. */
    @Nullable
    String trouble() {
        return trouble;
    }

    private void run() {
        while (!closed) {
            try (Connection open = database.getConnection()) {
                connection = open;
                begin(open);
                trouble = null;
                while (!closed) {
                    read(open);
                    open.unwrap(PGConnection.class).getNotifications(LOOK_MILLIS);
                }
            } catch (SQLException | RuntimeException failed) {
                away(failed);
            }
        }
    }

    private void away(Exception failed) {
        if (closed) {
            return;
        }
        if (trouble == null) {
            LOG.log(Level.WARNING, "the database is away, trying again: {0}", failed.getMessage());
        }
        trouble = "the database is away: " + failed.getMessage();
        try {
            TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
        } catch (InterruptedException end) {
            // It was closed.
        }
    }

    private void begin(Connection open) throws SQLException {
        if (position < 0) {
            Statements.prepare(open);
        }
        Statements.execute(open, "LISTEN pushy");
        Statements.execute(open, "LISTEN " + bell);
        long last = Statements.last(open);
        if (position < 0) {
            position = last;
            tell(Listener::onLinkUp);
        } else if (last < position) { // a database from before what was heard
            lose(last);
        }
    }

    /** Reads on. Interests that were wished for before count from here on. */
    private void read(Connection open) throws SQLException {
        List<ChannelPattern> wished = List.copyOf(wishes.keySet());
        int read;
        do {
            read = Statements.after(open, position, PAGE, this::take);
        } while (read == PAGE);
        for (ChannelPattern interest : wished) {
            CompletableFuture<Void> wish = wishes.remove(interest);
            if (wish != null) {
                interests.add(interest);
                wish.complete(null);
            }
        }
        if (System.nanoTime() - forgotten > FORGET_NANOS) {
            forgotten = System.nanoTime();
            calls.run(Statements::forget);
        }
    }

    /** Something is lost for this node: whoever listens is told so. */
    private void lose(long upTo) {
        tell(Listener::onLinkDown);
        position = upTo;
        tell(Listener::onLinkUp);
    }

    private void take(long number, String kind, String head, byte[] data) {
        if (number != position + 1) { // what was there has been forgotten meanwhile
            lose(number - 1);
        }
        position = number;
        switch (kind) {
            case "message" -> {
                Publication publication = Words.publication(head, data);
                if (isWanted(publication.channel())) {
                    tell((hearing, partition) -> hearing.onPublication(publication, null));
                }
            }
            case "control" ->
                Words.control(head).ifPresent(message -> tell((hearing, partition) -> hearing.onControl(message)));
            case "revocation" -> tell((hearing, partition) -> hearing.onRevocation(Words.revocation(head)));
            default -> LOG.log(Level.DEBUG, "an event of a newer node: {0}", kind);
        }
    }

    private boolean isWanted(Channel channel) {
        return interests.stream().anyMatch(interest -> interest.matches(channel));
    }

    private interface Word {
        void to(Listener listener, int partition);
    }

    /** A listener that fails harms nobody else. */
    private void tell(Word word) {
        try {
            if (listener != null && !closed) {
                word.to(listener, ONLY_PARTITION);
            }
        } catch (RuntimeException | Error failed) {
            LOG.log(Level.ERROR, "a listener failed", failed);
        }
    }

    private void refuseWishes() {
        for (ChannelPattern interest : List.copyOf(wishes.keySet())) {
            CompletableFuture<Void> wish = wishes.remove(interest);
            if (wish != null) {
                wish.completeExceptionally(new UnavailableException("the broker was closed"));
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        Connection open = connection;
        if (open != null) {
            try {
                open.abort(Runnable::run); // ends the wait on it
            } catch (SQLException e) {
                LOG.log(Level.DEBUG, "a connection cannot be closed", e);
            }
        }
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        refuseWishes();
    }
}
