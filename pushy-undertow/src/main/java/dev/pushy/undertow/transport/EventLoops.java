package dev.pushy.undertow.transport;

import dev.pushy.core.EventLoop;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.xnio.XnioIoThread;

/**
 * The loops of one handler, one for each IO thread on which a request has come. Threads and their number are the server's;
 * any Undertow server may mount the handler. Thread-safe.
 */
public final class EventLoops {
    private final ConcurrentHashMap<XnioIoThread, XnioEventLoop> loops = new ConcurrentHashMap<>();
    private final WriteMeter meter;

    /** No loops yet. */
    public EventLoops(WriteMeter meter) {
        this.meter = Objects.requireNonNull(meter, "meter");
    }

    /** The loop of this thread. */
    public EventLoop loop(XnioIoThread thread) {
        return of(thread);
    }

    /** Counts what is written on these loops. */
    public WriteMeter meter() {
        return meter;
    }

    XnioEventLoop of(XnioIoThread thread) {
        XnioEventLoop loop = loops.get(thread);
        return loop != null ? loop : loops.computeIfAbsent(thread, key -> new XnioEventLoop(key, meter));
    }
}
