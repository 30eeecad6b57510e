package dev.pushy.undertow.pusher;

import dev.pushy.core.CloseReason;
import dev.pushy.core.EventLoop;
import dev.pushy.undertow.protocol.ClientProtocol;
import dev.pushy.undertow.protocol.ClientRequest;
import dev.pushy.undertow.protocol.ClientSession;
import dev.pushy.undertow.protocol.ClientSocket;
import dev.pushy.undertow.protocol.Fields;
import dev.pushy.undertow.protocol.RawJson;
import dev.pushy.undertow.protocol.RequestException;
import dev.pushy.undertow.protocol.UrlText;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A session that begins when its client has said which address it means. Confined to the loop. */
final class AddressedSession implements ClientSession {
    private static final int FIRST_CODE = 4000;

    private final ClientProtocol protocol;
    private final ClientSocket socket;
    private @Nullable ClientSession session;
    private EventLoop.@Nullable Timer timer;
    private boolean ended;

    AddressedSession(ClientProtocol protocol, ClientSocket socket) {
        this.protocol = protocol;
        this.socket = socket;
    }

    void start(Duration patience) {
        timer = socket.connection().loop().schedule(() -> refuse(CloseReason.AUTH_TIMEOUT), patience.toMillis());
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }

    private void refuse(CloseReason reason) {
        if (session == null && !ended) {
            ended = true;
            stopTimer();
            socket.send(PusherMessages.error(PusherError.PATH_NOT_FOUND));
            socket.close(PusherError.PATH_NOT_FOUND.closeCode(), reason);
        }
    }

    @Override
    public void onText(String text) {
        if (session != null) {
            session.onText(text);
        } else if (!ended) {
            begin(text);
        }
    }

    private void begin(String text) {
        ClientRequest request;
        try {
            Map<String, RawJson> members = RawJson.object(text.getBytes(StandardCharsets.UTF_8), 1);
            request = request(Fields.requiredText(members, "path", "the address with the app's key"));
        } catch (RequestException e) {
            refuse(CloseReason.BAD_REQUEST);
            return;
        }
        stopTimer();
        session = protocol.open(new AddressedSocket(socket, request));
    }

    private ClientRequest request(String address) {
        int mark = address.indexOf('?');
        String path = mark < 0 ? address : address.substring(0, mark);
        ClientRequest given = socket.request();
        return new ClientRequest(
                UrlText.decode(path, false),
                mark < 0 ? Map.of() : query(address.substring(mark + 1)),
                null,
                given.origin(),
                null,
                null,
                null,
                given.secure(),
                given.host());
    }

    private static Map<String, List<String>> query(String raw) {
        Map<String, List<String>> query = new LinkedHashMap<>();
        for (String pair : raw.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                query.computeIfAbsent(UrlText.decode(pair.substring(0, equals), true), key -> new ArrayList<>(1))
                        .add(UrlText.decode(pair.substring(equals + 1), true));
            }
        }
        return query;
    }

    @Override
    public void onBinary() {
        if (session != null) {
            session.onBinary();
        }
    }

    @Override
    public void onHeartbeat() {
        if (session != null) {
            session.onHeartbeat();
        }
    }

    @Override
    public void onDrained() {
        if (session != null) {
            session.onDrained();
        }
    }

    @Override
    public void onClosing(CloseReason reason) {
        if (session != null) {
            session.onClosing(reason);
            return;
        }
        PusherError error = PusherError.of(reason, true);
        if (!ended && error.code() != null && error.code() >= FIRST_CODE) {
            socket.send(PusherMessages.error(error));
        }
    }

    @Override
    public void onClosed(CloseReason reason) {
        ended = true;
        stopTimer();
        if (session != null) {
            session.onClosed(reason);
        }
    }

    @Override
    public CloseCode closeCode(CloseReason reason) {
        return session != null
                ? session.closeCode(reason)
                : PusherError.of(reason, true).closeCode();
    }
}
