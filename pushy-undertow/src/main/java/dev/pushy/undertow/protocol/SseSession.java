package dev.pushy.undertow.protocol;

import dev.pushy.core.ChannelPattern;
import dev.pushy.core.CloseReason;
import dev.pushy.core.Connection;
import dev.pushy.core.ControlMessage;
import dev.pushy.core.Cursor;
import dev.pushy.core.Grant;
import dev.pushy.core.Pushy;
import dev.pushy.core.PushyException;
import dev.pushy.core.Resume;
import dev.pushy.core.Subscriber;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A native SSE stream: its control events, the life of its token, and the changes that its client asks for by other
 * requests. Confined to the loop of its connection.
 */
public final class SseSession implements StreamSession, Subscriber.Listener, TokenClock.Listener, StreamChanges.Stream {
    private final Pushy pushy;
    private final ClientAccess access;
    private final SessionSettings settings;
    private final Connection connection;
    private final Subscriber subscriber;
    private final TokenClock clock;
    private @Nullable SubscriptionChanges subscriptions;
    private @Nullable StreamChanges changes;
    private boolean ended;

    private SseSession(Pushy pushy, ClientAccess access, SessionSettings settings, Connection connection, Grant grant) {
        this.pushy = pushy;
        this.access = access;
        this.settings = settings;
        this.connection = connection;
        this.clock = new TokenClock(connection.loop(), settings, this);
        this.subscriber = pushy.hub().connect(connection, grant, this);
    }

    /** Begins a stream that has been allowed. On the connection's loop. */
    public static SseSession open(
            Pushy pushy,
            ClientAccess access,
            SessionSettings settings,
            Connection connection,
            Grant grant,
            Collection<ChannelPattern> patterns,
            Resume resume) {
        SseSession session = new SseSession(pushy, access, settings, connection, grant);
        session.clock.watch(grant);
        session.subscriber.open(patterns, resume);
        if (settings.draining().getAsBoolean()) {
            connection.close(CloseReason.DRAIN);
        }
        return session;
    }

    @Override
    public void onOpen(@Nullable Cursor cursor, boolean resumed) {
        checkpoint(cursor);
        control(
                "pushy:open",
                JsonText.object()
                        .put("connection", connection.id())
                        .put("channels", subscriber.patterns())
                        .put("resumed", resumed));
    }

    @Override
    public void onChange(ControlMessage.ChangeStream change) {
        if (!change.subject().equals(subscriber.grant().subject())) {
            error(Fault.FORBIDDEN, "another subject asked to change this stream");
            return;
        }
        if (changes == null) {
            changes = new StreamChanges(connection.loop(), this);
        }
        changes.offer(change);
    }

    @Override
    public void make(ControlMessage.ChangeStream change) {
        String token = change.token();
        if (token == null) {
            apply(change);
            made();
            return;
        }
        TokenCheck.begin(
                access,
                settings,
                connection.loop(),
                ClientAccess.presented(token),
                null,
                (grant, failure) -> verified(change, grant, failure));
    }

    private void verified(ControlMessage.ChangeStream change, @Nullable Grant renewed, @Nullable Throwable failure) {
        if (ended) {
            return;
        }
        Renewal renewal = renewed == null ? null : Renewal.of(subscriber, renewed);
        if (renewal == null) {
            error(Fault.of(failure), Fault.detail(failure));
        } else if (renewal.refusal() != null) {
            error(Fault.FORBIDDEN, renewal.refusal());
        } else {
            clock.watch(subscriber.grant());
            drop(renewal.lost());
            apply(change);
        }
        made();
    }

    private void made() {
        if (changes != null) {
            changes.made();
        }
    }

    @Override
    public void refuse(Fault fault, String message) {
        error(fault, message);
    }

    private void apply(ControlMessage.ChangeStream change) {
        try {
            List<ChannelPattern> more = Names.patterns(pushy.limits(), change.app(), change.subscribe());
            List<ChannelPattern> less = Names.patterns(pushy.limits(), change.app(), change.unsubscribe());
            remove(less);
            if (!more.isEmpty()) {
                subscriptions().add(more, Resume.NOW, added -> told("pushy:subscribed", more, added.cursor()));
            }
        } catch (PushyException e) {
            error(Fault.of(e), Fault.detail(e));
        }
    }

    private void drop(List<ChannelPattern> lost) {
        try {
            remove(lost);
        } catch (RequestException e) {
            // What the token does not allow any more must not go on because the client asks for too much.
            connection.close(CloseReason.FORBIDDEN);
        }
    }

    private void remove(List<ChannelPattern> patterns) {
        if (!patterns.isEmpty()) {
            subscriptions().remove(patterns, cursor -> told("pushy:unsubscribed", patterns, cursor));
        }
    }

    private SubscriptionChanges subscriptions() {
        SubscriptionChanges made = subscriptions;
        if (made == null) {
            made = new SubscriptionChanges(pushy.limits(), subscriber);
            subscriptions = made;
        }
        return made;
    }

    private void told(String event, Collection<ChannelPattern> patterns, @Nullable Cursor cursor) {
        checkpoint(cursor);
        control(event, JsonText.object().put("channels", patterns));
    }

    private void checkpoint(@Nullable Cursor cursor) {
        byte[] checkpoint = cursor == null ? null : connection.format().checkpoint(cursor);
        if (checkpoint != null) {
            connection.append(checkpoint, null);
        }
    }

    @Override
    public void onDrain(long reconnectMillis) {
        byte[] retry = ByteText.ascii("retry: " + reconnectMillis + "\n");
        connection.append(retry, null);
        control("pushy:reconnect", JsonText.object().put("after", reconnectMillis));
    }

    @Override
    public void onTokenExpiring() {
        JsonText text = JsonText.object();
        Long expiresAt = subscriber.grant().expiresAt();
        if (expiresAt != null) {
            text.put("expires_at", expiresAt - settings.tokenLeeway().toSeconds());
        }
        control("pushy:token_expiring", text);
    }

    @Override
    public void onTokenExpired() {
        connection.close(CloseReason.TOKEN_EXPIRED);
    }

    @Override
    public void onHeartbeat() {
        subscriber.heartbeat();
    }

    @Override
    public void onDrained() {
        subscriber.drained();
    }

    @Override
    public void onClosing(CloseReason reason) {
        if (!reason.mayReconnect()) {
            Farewell farewell = Farewell.of(reason);
            connection.append(SseFormat.control("pushy:error", errorText(farewell.fault(), farewell.text())), null);
        }
    }

    @Override
    public void onClosed(CloseReason reason) {
        ended = true;
        clock.stop();
        if (changes != null) {
            changes.stop();
        }
        subscriber.closed(reason);
    }

    private void error(Fault fault, String message) {
        control("pushy:error", errorText(fault, message));
    }

    private static JsonText errorText(Fault fault, String message) {
        return JsonText.object().put("code", fault.code()).put("message", message);
    }

    private void control(String event, JsonText data) {
        connection.append(SseFormat.control(event, data), null);
        connection.flush();
    }
}
