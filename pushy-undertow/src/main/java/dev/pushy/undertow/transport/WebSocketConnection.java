package dev.pushy.undertow.transport;

import dev.pushy.core.CloseReason;
import dev.pushy.core.Connection;
import dev.pushy.core.WireFormat;
import dev.pushy.undertow.protocol.ClientProtocol;
import dev.pushy.undertow.protocol.ClientRequest;
import dev.pushy.undertow.protocol.ClientSession;
import dev.pushy.undertow.protocol.ClientSocket;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.conduits.ConduitStreamSourceChannel;

/**
 * One WebSocket after its handshake: frames in, texts to the session, pings, and the closing handshake.
 *
 * <p>Reading stops while the session asks for it, and while half of the backlog's bound waits to be written: a client that
 * asks and does not read the answers asks no more. What was read by then is kept and comes first when reading goes on.
 *
 * <p>To end the connection we send a close frame and wait for the client's; then the output is shut, and the socket is
 * closed when the client has done the same. After a fault of the client nothing more is understood from it, so the output
 * is shut at once. All within the linger time.
 */
final class WebSocketConnection extends SocketWriter implements ClientSocket, FrameReader.Sink {
    private static final System.Logger LOG = System.getLogger(WebSocketConnection.class.getName());
    private static final byte[] PING = ServerFrame.ping(new byte[0]);
    /** So many reads in one go, then other connections have their turn. */
    private static final int READS = 8;

    private final StreamConnection socket;
    private final FrameReader reader;
    private final Pulse pulse;
    private @Nullable ClientRequest request;
    private @Nullable ClientSession session;
    private byte @Nullable [] unread;
    private ClientSession.@Nullable CloseCode ownCode;
    private boolean paused;
    private boolean reading;
    private boolean peerDone;

    WebSocketConnection(
            String id,
            WireFormat format,
            XnioEventLoop loop,
            StreamConnection socket,
            boolean secure,
            TransportSettings settings,
            ClientRequest request,
            boolean deflate) {
        super(id, format, loop, socket.getSinkChannel().getConduit(), secure, settings);
        this.socket = socket;
        this.request = request;
        this.reader = new FrameReader(settings.clientMessageBytes(), deflate ? loop.inflater() : null);
        this.pulse = new Pulse(settings);
    }

    /** Sets the timer and opens the session. */
    void start(ClientProtocol protocol) {
        if (isClosed()) {
            // The client went during its handshake; a timer would only keep what is left of it.
            return;
        }
        long beat = settings().ping().toMillis();
        loop().timers().set(this, ThreadLocalRandom.current().nextLong(beat / 2, beat + 1));
        session = protocol.open(this);
    }

    @Override
    public String transport() {
        return "websocket";
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

    @Override
    public void send(String text) {
        append(ServerFrame.text(text), null);
        flush();
    }

    @Override
    public void close(ClientSession.CloseCode code, CloseReason reason) {
        if (isOpen()) {
            ownCode = code;
            close(reason);
        }
    }

    @Override
    public void suspendReads() {
        paused = true;
    }

    @Override
    public void resumeReads() {
        if (paused) {
            paused = false;
            goOn();
        }
    }

    @Override
    public void pingAfter(Duration silence, Duration answer) {
        if (isOpen()) {
            pulse.pingAfter(silence, answer);
            loop().timers().set(this, pulse.next());
        }
    }

    @Override
    void onBeat() {
        Pulse.Beat beat = pulse.beat(!paused);
        if (beat == Pulse.Beat.GIVE_UP) {
            close(CloseReason.UNRESPONSIVE);
            return;
        }
        loop().timers().set(this, pulse.next());
        if (beat == Pulse.Beat.PING) {
            ping();
        }
    }

    private void ping() {
        append(PING, null);
        flush();
        if (session != null && isOpen()) {
            session.onHeartbeat();
        }
    }

    @Override
    void onReadable() throws IOException {
        ConduitStreamSourceChannel source = socket.getSourceChannel();
        if (unread != null) {
            source.suspendReads();
            return;
        }
        for (int i = 0; i < READS && !isClosed(); i++) {
            ByteBuffer in = loop().input();
            int length = source.read(in);
            if (length <= 0) {
                if (length < 0) {
                    gone();
                }
                return;
            }
            pulse.heard();
            if (!understand(in.flip())) {
                source.suspendReads();
                return;
            }
        }
    }

    /** Returns whether all was understood; if not, the rest is kept for later. */
    private boolean understand(ByteBuffer in) {
        reading = true;
        try {
            reader.read(in, this);
        } catch (RuntimeException | Error e) {
            LOG.log(Level.ERROR, "a session failed", e);
            reader.end();
            in.position(in.limit());
            peerDone = true;
            close(CloseReason.INTERNAL);
        } finally {
            reading = false;
        }
        if (in.hasRemaining()) {
            byte[] rest = new byte[in.remaining()];
            in.get(rest);
            unread = rest;
            return false;
        }
        return true;
    }

    private void goOn() {
        byte[] rest = unread;
        if (rest == null || reading || isClosed() || !wantsMore()) {
            return;
        }
        unread = null;
        if (understand(ByteBuffer.wrap(rest))) {
            socket.getSourceChannel().wakeupReads();
        }
    }

    @Override
    public boolean wantsMore() {
        return !isOpen() || (!paused && backlog() <= settings().backlogBytes() / 2);
    }

    @Override
    public void onText(String text) {
        if (session != null && isOpen()) {
            session.onText(text);
        }
    }

    @Override
    public void onBinary(byte[] message) {
        if (session != null && isOpen()) {
            session.onBinary(message);
        }
    }

    @Override
    public void onPing(byte[] payload) {
        if (!isOpen()) {
            return;
        }
        if (!pulse.allowsPing()) {
            onFault(CloseCode.POLICY_VIOLATION, "more pings than a client may send");
            return;
        }
        append(ServerFrame.pong(payload), null);
        flush();
    }

    @Override
    public void onPong(byte[] payload) {
        // Any byte from the client has shown that it lives.
    }

    @Override
    public void onClose(int code, String reason) {
        peerDone = true;
        if (isOpen()) {
            close(new ClientSession.CloseCode(code, ""), CloseReason.CLIENT_GONE);
        } else if (isDrained()) {
            endOutput();
        }
    }

    @Override
    public void onFault(int code, String reason) {
        peerDone = true;
        reader.end();
        if (isOpen()) {
            close(new ClientSession.CloseCode(code, reason), CloseReason.BAD_REQUEST);
        } else if (isDrained()) {
            endOutput();
        }
    }

    @Override
    void farewell(CloseReason reason) {
        ClientSession.CloseCode code = ownCode;
        if (code == null) {
            if (session != null) {
                session.onClosing(reason);
            }
            code = session != null
                    ? session.closeCode(reason)
                    : new ClientSession.CloseCode(CloseCode.INTERNAL_ERROR, "");
        }
        append(ServerFrame.close(code.code(), code.text()), null);
        goOn();
    }

    @Override
    void onDrained() {
        if (session != null) {
            session.onDrained();
        }
    }

    @Override
    void onProgress() {
        goOn();
    }

    @Override
    void onFarewellWritten() {
        if (peerDone) {
            endOutput();
        }
    }

    @Override
    void onEnded(CloseReason reason) {
        if (session != null) {
            session.onClosed(reason);
        }
    }

    @Override
    void destroy() {
        reader.end();
        unread = null;
        IoUtils.safeClose(socket);
    }
}
