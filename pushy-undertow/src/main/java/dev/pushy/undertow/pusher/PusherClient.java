package dev.pushy.undertow.pusher;

import dev.pushy.core.CloseReason;
import dev.pushy.core.ControlMessage;
import dev.pushy.core.Cursor;
import dev.pushy.core.EventLoop;
import dev.pushy.core.Grant;
import dev.pushy.core.Pushy;
import dev.pushy.core.Resume;
import dev.pushy.core.Subscriber;
import dev.pushy.undertow.protocol.ClientSocket;
import dev.pushy.undertow.protocol.RequestPace;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A client whose handshake succeeded: understands its frames, one after the other, and holds what the parts of its session
 * share. Confined to the loop.
 *
 * <p>What takes time, the subscriptions, the hub does in the order in which it was asked; an answer to a ping need not wait
 * for that, so that a client stays while the broker is away. How many requests may be without an answer is bounded by the
 * pace, beyond which nothing is read.
 */
final class PusherClient implements Subscriber.Listener {
    private static final String CLIENT_EVENT = "client-";
    private static final String ANONYMOUS = "";

    private final PusherProtocol protocol;
    private final PusherApp app;
    private final ClientLibrary library;
    private final ClientSocket socket;
    private final RequestPace pace;
    private final Subscriber subscriber;
    private final PusherSubscriptions subscriptions;
    private final ClientEvents events;
    private final SignIn signIn;
    private EventLoop.@Nullable Timer authorization;
    private boolean ended;

    PusherClient(PusherProtocol protocol, PusherApp app, ClientLibrary library, ClientSocket socket, RequestPace pace) {
        this.protocol = protocol;
        this.app = app;
        this.library = library;
        this.socket = socket;
        this.pace = pace;
        this.subscriber = protocol.pushy().hub().connect(socket.connection(), grant(ANONYMOUS, "null"), this);
        this.signIn = new SignIn(this);
        this.subscriptions = new PusherSubscriptions(this);
        this.events = new ClientEvents(this, subscriptions);
    }

    /** Nothing is granted for good: each subscription and event is looked at by itself. */
    Grant grant(String subject, String meta) {
        return new Grant(app.tenant(), subject, List.of(), List.of(), meta, null, null, null);
    }

    /** The first frame of the connection, and all that follows from there on. */
    void open() {
        Duration silence = app.limits().activityTimeout();
        socket.send(PusherMessages.established(socketId(), Math.max(1, silence.toSeconds())));
        socket.pingAfter(silence, protocol.settings().pongTimeout());
        Duration within = app.features().authorizeWithin();
        if (within != null) {
            authorization = socket.connection()
                    .loop()
                    .schedule(() -> socket.connection().close(CloseReason.AUTH_TIMEOUT), within.toMillis());
        }
        subscriber.open(List.of(), Resume.NOW);
    }

    void onText(String text) {
        PusherFrame frame = PusherFrame.read(text, depth());
        if (frame == null) {
            error(PusherError.INVALID_JSON);
            return;
        }
        switch (frame.event()) {
            case "pusher:subscribe" -> subscriptions.subscribe(frame);
            case "pusher:unsubscribe" -> subscriptions.unsubscribe(frame);
            case "pusher:signin" -> signIn.signIn(frame);
            case "pusher:ping" -> send(PusherMessages.PONG);
            case "pusher:pong" -> {
                // That it came has counted already.
            }
            default -> other(frame);
        }
    }

    private void other(PusherFrame frame) {
        if (frame.event().startsWith(CLIENT_EVENT)) {
            events.relay(frame);
        } else {
            error(PusherError.unsupportedEvent(frame.event()));
        }
    }

    /** The client has shown that its app knows it. */
    void authorized() {
        if (authorization != null) {
            authorization.cancel();
            authorization = null;
        }
    }

    // What the parts share.

    PusherApp app() {
        return app;
    }

    ClientLibrary library() {
        return library;
    }

    Pushy pushy() {
        return protocol.pushy();
    }

    PusherProtocol protocol() {
        return protocol;
    }

    Subscriber subscriber() {
        return subscriber;
    }

    RequestPace pace() {
        return pace;
    }

    EventLoop loop() {
        return socket.connection().loop();
    }

    String socketId() {
        return socket.connection().id();
    }

    /** How deep JSON from clients may be nested. */
    int depth() {
        return protocol.pushy().limits().jsonDepth();
    }

    /** Whom the connection is signed in as, or null. */
    @Nullable
    PusherUser user() {
        return signIn.user();
    }

    void send(String text) {
        if (!ended) {
            socket.send(text);
        }
    }

    void error(PusherError error) {
        send(PusherMessages.error(error));
    }

    // What the hub tells.

    @Override
    public boolean joinsByPolicy() {
        return false;
    }

    /** Clients of this protocol have no cursor and do not wait for a word. */
    @Override
    public void onOpen(@Nullable Cursor cursor, boolean resumed) {}

    /** Only streams of the native protocol can be changed from outside. */
    @Override
    public void onChange(ControlMessage.ChangeStream change) {}

    /** There are no words for it but the close code, upon which clients come back at once. */
    @Override
    public void onDrain(long reconnectMillis) {}

    @Override
    public long staysOpen(long reconnectMillis) {
        return reconnectMillis;
    }

    // What the session tells.

    void drained() {
        subscriber.drained();
    }

    void closed(CloseReason reason) {
        ended = true;
        authorized();
        subscriber.closed(reason);
        subscriptions.closed();
        protocol.connections().close(app);
    }
}
