package dev.pushy.undertow.pusher;

import dev.pushy.core.EventLoop;
import java.util.concurrent.Executor;

/** The one thread that what belongs to it lives on, with its clock. Tests have one without a thread. */
interface Serial extends Executor, AutoCloseable {

    /** Runs a task there, soon; without effect after the end. Any thread. */
    @Override
    void execute(Runnable task);

    /** Runs a task there after so many milliseconds. Any thread. */
    EventLoop.Timer after(long millis, Runnable task);

    /** A clock that never goes back, milliseconds. */
    long millis();

    /** Ends it; what has not begun is dropped. */
    @Override
    void close();
}
