package dev.pushy.examples.postgres;

import dev.pushy.core.PublishException.Outcome;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A few connections, each with a thread, and the calls that wait for them: JDBC blocks, and a broker must not. When too many
 * wait, more are refused. Thread-safe.
 */
final class Calls implements AutoCloseable {
    private static final int ROOM = 1_000;

    /** One thing to ask on a connection. */
    interface Call<T> {
        T on(Connection connection) throws SQLException;
    }

    /** One thing to do on a connection. */
    interface Task {
        void on(Connection connection) throws SQLException;
    }

    private record Waiting<T>(Call<T> call, CompletableFuture<T> answer) {}

    private final DataSource database;
    private final BlockingQueue<Waiting<?>> queue = new ArrayBlockingQueue<>(ROOM);
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean closed;
    private volatile @Nullable String trouble;

    Calls(DataSource database, int connections) {
        this.database = database;
        for (int i = 0; i < connections; i++) {
            Thread thread = new Thread(this::work, "postgres-call-" + i);
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
        }
    }

    /** Makes the call on one of the threads. Fails with a {@link DatabaseException}. */
    <T> CompletionStage<T> submit(Call<T> call) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        if (closed) {
            refuse(answer);
        } else if (!queue.offer(new Waiting<>(call, answer))) {
            answer.completeExceptionally(
                    new DatabaseException(Outcome.OVERLOADED, "too many requests wait for the database", null));
        } else if (closed) {
            refuseAll(); // the threads may have gone before they saw it
        }
        return answer;
    }

    /** The same without an answer. */
    CompletionStage<Void> run(Task task) {
        return submit(connection -> {
                    task.on(connection);
                    return true;
                })
                .thenAccept(done -> {});
    }

    /** What is wrong, or null. */
    @Nullable
    String trouble() {
        return trouble;
    }

    private void work() {
        Connection connection = null;
        try {
            while (!closed) {
                connection = make(queue.take(), connection);
            }
        } catch (InterruptedException end) {
            // It was closed.
        } finally {
            close(connection);
        }
    }

    /** Makes a call, on a new connection if there is none. The connection for the next call, if it is still good. */
    private <T> @Nullable Connection make(Waiting<T> waiting, @Nullable Connection open) {
        Connection connection = open;
        try {
            if (connection == null) {
                connection = database.getConnection();
            }
        } catch (SQLException away) {
            fail(waiting, Outcome.REJECTED, away);
            return null;
        }
        try {
            waiting.answer.complete(waiting.call.on(connection));
            trouble = null;
            return connection;
        } catch (SQLException failed) {
            if (isAlive(connection)) { // the database has answered, and undone what it had begun
                fail(waiting, Outcome.REJECTED, failed);
                return connection;
            }
            fail(waiting, Outcome.UNKNOWN, failed);
        } catch (RuntimeException failed) {
            waiting.answer.completeExceptionally(failed);
        }
        close(connection);
        return null;
    }

    private static boolean isAlive(Connection connection) {
        try {
            return connection.isValid(1);
        } catch (SQLException e) {
            return false;
        }
    }

    private void fail(Waiting<?> waiting, Outcome outcome, SQLException failure) {
        String text = "the database fails: " + failure.getMessage();
        trouble = text;
        waiting.answer.completeExceptionally(new DatabaseException(outcome, text, failure));
    }

    private static void refuse(CompletableFuture<?> answer) {
        answer.completeExceptionally(new DatabaseException(Outcome.REJECTED, "the broker was closed", null));
    }

    private void refuseAll() {
        for (Waiting<?> left = queue.poll(); left != null; left = queue.poll()) {
            refuse(left.answer);
        }
    }

    /** Ends the threads, and waits for the calls that they are at. */
    @Override
    public void close() {
        closed = true;
        threads.forEach(Thread::interrupt);
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        refuseAll();
    }

    private static void close(@Nullable Connection connection) {
        try {
            if (connection != null) {
                connection.close();
            }
        } catch (SQLException e) {
            // It was of no use anyway.
        }
    }
}
