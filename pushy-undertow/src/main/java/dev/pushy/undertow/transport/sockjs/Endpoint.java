package dev.pushy.undertow.transport.sockjs;

import dev.pushy.core.EventLoop;
import dev.pushy.core.WireFormat;
import dev.pushy.undertow.protocol.ClientProtocol;
import dev.pushy.undertow.protocol.ClientRequest;
import dev.pushy.undertow.protocol.FramedFormats;
import dev.pushy.undertow.transport.EventLoops;
import dev.pushy.undertow.transport.TransportSettings;
import dev.pushy.undertow.transport.WriteMeter;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.xnio.XnioIoThread;

/**
 * What the transports of one endpoint share, and its sessions. Thread-safe.
 *
 * <p>The sessions are bounded by {@link SockJsOptions#sessions}; when there are so many, no other is opened.
 */
final class Endpoint {
    private static final int SCRATCH_BYTES = 64 * 1024;

    private final EventLoops loops;
    private final TransportSettings settings;
    private final SockJsOptions options;
    private final ClientProtocol protocol;
    private final Supplier<String> ids;
    private final Forwarding forwarding;
    private final FramedFormats formats = new FramedFormats(SockJsText::element);
    private final ConcurrentHashMap<String, SockJsSession> sessions = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<XnioIoThread, ByteBuffer> scratches = new ConcurrentHashMap<>();
    private final AtomicInteger count = new AtomicInteger();

    Endpoint(
            EventLoops loops,
            TransportSettings settings,
            SockJsOptions options,
            ClientProtocol protocol,
            Supplier<String> ids,
            Forwarding forwarding) {
        this.loops = loops;
        this.settings = settings;
        this.options = options;
        this.protocol = protocol;
        this.ids = ids;
        this.forwarding = forwarding;
    }

    TransportSettings settings() {
        return settings;
    }

    SockJsOptions options() {
        return options;
    }

    ClientProtocol protocol() {
        return protocol;
    }

    /** Events as messages for the client that sent this request, which envelopes put together. */
    WireFormat format(ClientRequest request) {
        return formats.of(protocol.texts(request));
    }

    WriteMeter meter() {
        return loops.meter();
    }

    long lingerMillis() {
        return settings.linger().toMillis();
    }

    /** The most bytes of the body of a send request, which may have many messages. */
    int bodyBytes() {
        return (int) Math.min(Integer.MAX_VALUE - 16, 4L * settings.clientMessageBytes());
    }

    String newId() {
        return ids.get();
    }

    Forwarding forwarding() {
        return forwarding;
    }

    /** The session of this name on this node, or null. */
    @Nullable
    SockJsSession find(String key) {
        return sessions.get(key);
    }

    /** The session that a receive request belongs to, a new one if need be; null if there are too many. */
    @Nullable
    SockJsSession findOrOpen(Call call) {
        String key = call.key();
        SockJsSession known = sessions.get(key);
        if (known != null) {
            return known;
        }
        if (count.incrementAndGet() > options.sessions()) {
            count.decrementAndGet();
            forwarding.release(key);
            return null;
        }
        XnioIoThread thread = call.exchange().getIoThread();
        EventLoop loop = loops.loop(thread);
        ByteBuffer scratch = scratches.computeIfAbsent(thread, t -> ByteBuffer.allocateDirect(SCRATCH_BYTES));
        SockJsSession opened = new SockJsSession(this, key, loop, scratch, call.request());
        known = sessions.putIfAbsent(key, opened);
        if (known != null) {
            count.decrementAndGet();
            return known;
        }
        return opened;
    }

    /** First the others may know, then we: who finds nothing here asks behind that. */
    void forget(String key, SockJsSession session) {
        forwarding.release(key);
        if (sessions.remove(key, session)) {
            count.decrementAndGet();
        }
    }

    int sessionCount() {
        return count.get();
    }
}
