package dev.pushy.examples.postgres;

import dev.pushy.core.Broker;
import dev.pushy.core.Channel;
import dev.pushy.core.ChannelPattern;
import dev.pushy.core.ControlMessage;
import dev.pushy.core.Position;
import dev.pushy.core.Publication;
import dev.pushy.core.PublishException;
import dev.pushy.core.PublishException.Outcome;
import dev.pushy.core.PublishOptions;
import dev.pushy.core.Receipt;
import dev.pushy.core.Retained;
import dev.pushy.core.Revocation;
import dev.pushy.core.UnavailableException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Joins the nodes that use the same database. A message is a row of a table, which gives it its place in the order, and
 * {@code NOTIFY} wakes the nodes to read it. A connection that breaks loses nothing: its node goes on behind the row that it
 * read last. Only who is away for more than a minute is told of a gap.
 *
 * <p>It keeps no history: {@link Broker#log} is not implemented, so a client that was away cannot resume. Every node reads
 * every message and throws away what none of its clients wants: good for hundreds of messages a second.
 */
public final class PostgresBroker implements Broker {
    private static final int CONNECTIONS = 4;

    private final Calls calls;
    private final Inbox inbox;
    private boolean started;
    private volatile boolean closed;

    /** A broker that is not connected yet. Each node has one of its own. */
    public PostgresBroker(DataSource database) {
        this.calls = new Calls(database, CONNECTIONS);
        this.inbox = new Inbox(database, calls);
    }

    @Override
    public void start(Listener listener) {
        if (started) {
            throw new IllegalStateException("the broker was started before");
        }
        started = true;
        inbox.start(listener);
    }

    @Override
    public CompletionStage<Receipt> publish(Publication publication, PublishOptions options) {
        Publication accepted = publication.acceptedLive(System.currentTimeMillis());
        return calls.submit(connection -> Statements.publish(connection, accepted, options))
                .thenApply(id -> new Receipt(id, Position.NONE, !id.equals(accepted.id())))
                .exceptionallyCompose(PostgresBroker::notPublished);
    }

    @Override
    public CompletionStage<Void> subscribe(ChannelPattern interest) {
        return closed
                ? unavailable(new DatabaseException(Outcome.REJECTED, "the broker was closed", null))
                : inbox.add(interest);
    }

    @Override
    public CompletionStage<Void> unsubscribe(ChannelPattern interest) {
        inbox.remove(interest);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Optional<Retained>> retained(Channel channel) {
        return available(calls.submit(connection -> Statements.retained(connection, channel)));
    }

    @Override
    public CompletionStage<Void> control(ControlMessage message) {
        return available(calls.run(connection -> Statements.control(connection, message)));
    }

    @Override
    public CompletionStage<Void> revoke(Revocation revocation) {
        return available(calls.run(connection -> Statements.revoke(connection, revocation)));
    }

    @Override
    public CompletionStage<List<Revocation>> revocations() {
        return available(calls.submit(Statements::revocations));
    }

    @Override
    public Health health() {
        String silent = calls.trouble();
        String deaf = inbox.trouble();
        return new Health(silent == null, deaf == null, silent == null ? deaf : silent);
    }

    @Override
    public void close() {
        closed = true;
        inbox.close();
        calls.close();
    }

    private static CompletionStage<Receipt> notPublished(Throwable failure) {
        DatabaseException known = known(failure);
        return CompletableFuture.failedFuture(new PublishException(known.outcome(), known.getMessage(), known));
    }

    private static <T extends @Nullable Object> CompletionStage<T> available(CompletionStage<T> stage) {
        return stage.exceptionallyCompose(PostgresBroker::unavailable);
    }

    private static <T extends @Nullable Object> CompletionStage<T> unavailable(Throwable failure) {
        return CompletableFuture.failedFuture(
                new UnavailableException(known(failure).getMessage()));
    }

    private static DatabaseException known(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof DatabaseException known
                ? known
                : new DatabaseException(Outcome.UNKNOWN, "the call failed: " + cause, cause);
    }
}
