package dev.pushy.undertow.transport.sockjs;

import dev.pushy.core.CloseReason;
import dev.pushy.core.Connection;
import dev.pushy.core.EventLoop;
import dev.pushy.core.Publication;
import dev.pushy.core.WireFormat;
import dev.pushy.undertow.protocol.ClientRequest;
import dev.pushy.undertow.protocol.ClientSession;
import dev.pushy.undertow.protocol.ClientSocket;
import dev.pushy.undertow.transport.FrameQueue;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A session of SockJS over HTTP requests: the connection that the hub and a protocol see. It lives on the loop of the thread
 * on which its first request came, wherever later ones come.
 *
 * <p>The protocol hears nothing before the open frame was written, and nothing after the session was closed. The session
 * itself stays until nobody has asked for the close frame for a while.
 */
final class SockJsSession implements Connection, ClientSocket, Inbox.Reader, SessionClock.Listener {
    private static final System.Logger LOG = System.getLogger(SockJsSession.class.getName());
    private static final byte[] INTERRUPTED = SockJsText.close(1002, "Connection interrupted");
    private static final ClientSession.CloseCode FAILED = new ClientSession.CloseCode(1011, "");

    private static final byte OPEN = 0;
    private static final byte ENDING = 1;
    private static final byte CLOSED = 2;

    private final Endpoint endpoint;
    private final String key;
    private final String id;
    private final EventLoop loop;
    private final WireFormat format;
    private final FrameQueue queue;
    private final Delivery delivery;
    private final Inbox inbox;
    private final SessionClock clock;
    private @Nullable ClientRequest request;
    private @Nullable ClientSession session;
    private ClientSession.@Nullable CloseCode ownCode;
    private byte state = OPEN;

    /**
     * A session that nobody has asked for frames yet.
     *
     * @param key in the endpoint's sessions
     * @param request that opens it
     */
    SockJsSession(Endpoint endpoint, String key, EventLoop loop, ByteBuffer scratch, ClientRequest request) {
        this.endpoint = endpoint;
        this.key = key;
        this.id = endpoint.newId();
        this.loop = loop;
        this.request = request;
        this.format = endpoint.format(request);
        this.queue = new FrameQueue(format, endpoint.settings(), endpoint.meter());
        this.delivery = new Delivery(this, queue, scratch, endpoint.options().takeover());
        this.inbox = new Inbox(endpoint.bodyBytes(), this);
        this.clock = new SessionClock(loop, endpoint.options(), this);
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String transport() {
        return "sockjs";
    }

    @Override
    public EventLoop loop() {
        return loop;
    }

    @Override
    public WireFormat format() {
        return format;
    }

    @Override
    public int backlog() {
        return queue.bytes();
    }

    @Override
    public Connection connection() {
        return this;
    }

    @Override
    public ClientRequest request() {
        if (request == null) {
            throw new IllegalStateException("the request was forgotten");
        }
        return request;
    }

    @Override
    public void forgetRequest() {
        request = null;
    }

    /** Gives frames to a receiver. On the loop. */
    void attach(Receiver receiver) {
        delivery.attach(receiver);
    }

    /** Tells what a receiver has written. On the loop. */
    Delivery delivery() {
        return delivery;
    }

    Endpoint endpoint() {
        return endpoint;
    }

    @Override
    public void append(byte[] frame, @Nullable Publication publication) {
        if (state == ENDING) {
            queue.add(frame);
        } else if (state == OPEN) {
            if (queue.bytes() + frame.length > endpoint.settings().backlogBytes()) {
                delivery.flush();
            }
            if (!queue.offer(frame, publication, delivery.begun())) {
                close(CloseReason.SLOW_CONSUMER);
            }
        }
    }

    @Override
    public void send(String text) {
        append(SockJsText.element(text.getBytes(StandardCharsets.UTF_8)), null);
        flush();
    }

    /** Writes what waits; what the answers to several messages of one request say goes together. */
    @Override
    public void flush() {
        if (!inbox.isReading()) {
            delivery.flush();
        }
    }

    @Override
    public void suspendReads() {
        inbox.pause(true);
    }

    @Override
    public void resumeReads() {
        inbox.pause(false);
        read();
    }

    /** Takes the messages of a send request. On the loop. */
    void receive(List<String> texts, int size, Inbox.Answer answer) {
        if (state != OPEN) {
            answer.refused();
        } else if (inbox.add(texts, size, answer)) {
            read();
        } else {
            answer.refused();
            close(CloseReason.RATE_LIMITED);
        }
    }

    private void read() {
        if (!inbox.isReading()) {
            inbox.read();
            delivery.flush();
        }
    }

    /** A client that does not take the answers asks no more. */
    @Override
    public boolean wantsMore() {
        return state == OPEN
                && session != null
                && queue.bytes() <= endpoint.settings().backlogBytes() / 2;
    }

    @Override
    public void onMessage(String text) {
        if (session == null) {
            return;
        }
        try {
            session.onText(text);
        } catch (RuntimeException | Error e) {
            LOG.log(Level.ERROR, "a session failed", e);
            close(CloseReason.INTERNAL);
        }
    }

    @Override
    public void close(ClientSession.CloseCode code, CloseReason reason) {
        if (state == OPEN) {
            ownCode = code;
            close(reason);
        }
    }

    @Override
    public void close(CloseReason reason) {
        if (loop.inEventLoop()) {
            end(reason);
        } else {
            loop.execute(() -> end(reason));
        }
    }

    private void end(CloseReason reason) {
        if (state != OPEN) {
            return;
        }
        if (reason == CloseReason.SLOW_CONSUMER) {
            delivery.drop();
        }
        state = ENDING;
        ClientSession.CloseCode code = ownCode;
        if (code == null) {
            code = farewell(reason);
        }
        closed(reason);
        delivery.close(SockJsText.close(code.code(), code.text()), endpoint.lingerMillis());
    }

    private ClientSession.CloseCode farewell(CloseReason reason) {
        if (session == null) {
            return FAILED;
        }
        session.onClosing(reason);
        return session.closeCode(reason);
    }

    private void closed(CloseReason reason) {
        state = CLOSED;
        inbox.end();
        loop.execute(() -> {
            if (session != null) {
                session.onClosed(reason);
            }
        });
    }

    /** The open frame was written: the protocol begins. */
    void open() {
        if (state != OPEN) {
            return;
        }
        try {
            session = endpoint.protocol().open(this);
        } catch (RuntimeException | Error e) {
            LOG.log(Level.ERROR, "a session could not be opened", e);
            close(CloseReason.INTERNAL);
        }
        read();
    }

    SessionClock clock() {
        return clock;
    }

    /** A frame was written. */
    void onWritten() {
        clock.written();
        if (!inbox.isEmpty()) {
            // The hub may be in the midst of writing.
            loop.execute(this::read);
        }
    }

    /** All that the receivers did not take at once has been written. */
    void onDrained() {
        loop.execute(() -> {
            if (session != null && state == OPEN) {
                session.onDrained();
            }
        });
    }

    /** A receiver went away without having been told to. */
    void onInterrupted() {
        if (state == OPEN) {
            delivery.drop();
            closed(CloseReason.CLIENT_GONE);
            delivery.close(INTERRUPTED, 0);
        }
    }

    @Override
    public void onBeat() {
        if (session != null && state == OPEN) {
            session.onHeartbeat();
        }
    }

    @Override
    public void onQuiet() {
        delivery.heartbeat();
    }

    @Override
    public void onAbsence() {
        endpoint.forget(key, this);
        onInterrupted();
    }
}
