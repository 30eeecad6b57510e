package dev.pushy.undertow.pusher;

import dev.pushy.core.CloseReason;
import dev.pushy.undertow.protocol.ClientRequest;
import dev.pushy.undertow.protocol.ClientSession;
import dev.pushy.undertow.protocol.ClientSocket;
import dev.pushy.undertow.protocol.RequestPace;
import dev.pushy.undertow.protocol.WorkerCall;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One connection of the Pusher protocol: its handshake, and its end. Confined to the loop.
 *
 * <p>The client is always let in first and refused then, by an error and a close frame with the same code: that is what
 * clients act upon. While its app is looked up on a worker, what it sends waits.
 */
final class PusherSession implements ClientSession {
    private static final System.Logger LOG = System.getLogger(PusherSession.class.getName());
    /** Codes below are not the protocol's own, and no error goes with them. */
    private static final int FIRST_CODE = 4000;

    /**
     * Besides one for each subscription that a client may have: while the broker is away none is answered, and the pings
     * behind them must be read all the same.
     */
    private static final int MORE_REQUESTS = 64;

    private final PusherProtocol protocol;
    private final ClientSocket socket;
    private final RequestPace pace;
    private @Nullable PusherClient client;
    private boolean ended;

    PusherSession(PusherProtocol protocol, ClientSocket socket) {
        this.protocol = protocol;
        this.socket = socket;
        this.pace = new RequestPace(socket, protocol.pushy().limits().subscriptions() + MORE_REQUESTS);
    }

    void start() {
        if (isDraining()) {
            refuse(PusherError.STOPPING, CloseReason.DRAIN);
            return;
        }
        ClientRequest request = socket.request();
        PusherError fault = PusherHandshake.fault(request);
        if (fault != null) {
            refuse(fault, CloseReason.BAD_REQUEST);
            return;
        }
        PusherHandshake handshake = PusherHandshake.of(request);
        WorkerCall.begin(
                protocol.sessions().workers(),
                socket.connection().loop(),
                () -> protocol.settings().apps().byKey(handshake.key()),
                (found, failure) -> {
                    if (ended) {
                        return;
                    }
                    if (found == null) {
                        notLookedUp(failure);
                    } else {
                        lookedUp(handshake, found);
                    }
                });
    }

    private boolean isDraining() {
        return protocol.sessions().draining().getAsBoolean();
    }

    private void notLookedUp(@Nullable Throwable failure) {
        if (!(failure instanceof RejectedExecutionException)) {
            LOG.log(Level.WARNING, "the app of a key could not be looked up", failure);
        }
        refuse(PusherError.OVER_CAPACITY, CloseReason.INTERNAL);
    }

    private void lookedUp(PusherHandshake handshake, Optional<PusherApp> found) {
        if (isDraining()) {
            refuse(PusherError.STOPPING, CloseReason.DRAIN);
            return;
        }
        PusherError fault = handshake.fault(found, socket.request());
        if (fault != null) {
            refuse(fault, CloseReason.UNAUTHORIZED);
        } else {
            establish(handshake, found.orElseThrow());
        }
    }

    private void establish(PusherHandshake handshake, PusherApp app) {
        if (!protocol.connections().open(app)) {
            refuse(PusherError.OVER_QUOTA, CloseReason.FORBIDDEN);
            return;
        }
        socket.forgetRequest();
        client = new PusherClient(protocol, app, handshake.library(), socket, pace);
        client.open();
        for (String text = pace.next(); text != null && !ended; text = pace.next()) {
            client.onText(text);
        }
    }

    /** Says why, and ends the connection. */
    private void refuse(PusherError error, CloseReason reason) {
        ended = true;
        socket.send(PusherMessages.error(error));
        socket.close(error.closeCode(), reason);
    }

    @Override
    public void onText(String text) {
        if (ended) {
            return;
        }
        if (client != null) {
            client.onText(text);
        } else if (!pace.keep(text)) {
            refuse(PusherError.TOO_FAST, CloseReason.RATE_LIMITED);
        }
    }

    @Override
    public void onBinary() {
        // Not worth an error before there is anything to be wrong in.
        if (client != null) {
            client.error(PusherError.INVALID_JSON);
        }
    }

    @Override
    public void onDrained() {
        if (client != null) {
            client.drained();
        }
    }

    @Override
    public void onClosing(CloseReason reason) {
        PusherError error = farewell(reason);
        if (!ended && error.code() != null && error.code() >= FIRST_CODE) {
            socket.send(PusherMessages.error(error));
        }
    }

    @Override
    public void onClosed(CloseReason reason) {
        ended = true;
        if (client != null) {
            client.closed(reason);
        }
    }

    @Override
    public CloseCode closeCode(CloseReason reason) {
        return farewell(reason).closeCode();
    }

    private PusherError farewell(CloseReason reason) {
        return PusherError.of(reason, client == null || client.app().features().terminateForGood());
    }
}
