package dev.pushy.undertow.protocol;

import dev.pushy.core.ChannelPattern;
import dev.pushy.core.CloseReason;
import dev.pushy.core.ControlMessage;
import dev.pushy.core.Cursor;
import dev.pushy.core.Grant;
import dev.pushy.core.Limits;
import dev.pushy.core.Pushy;
import dev.pushy.core.Subscriber;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A client whose token was good: its subscriptions and the life of its token. Confined to the loop of its connection. */
final class JsonClient implements Subscriber.Listener, TokenClock.Listener {
    private final JsonSession session;
    private final Subscriber subscriber;
    private final TokenClock clock;
    private final Limits limits;
    /** Of those who change what they listen to. */
    private @Nullable SubscriptionChanges subscriptions;

    private JsonClient(JsonProtocol protocol, JsonSession session, Grant grant) {
        Pushy pushy = protocol.pushy();
        this.session = session;
        this.subscriber = pushy.hub().connect(session.socket().connection(), grant, this);
        this.clock = new TokenClock(session.loop(), protocol.settings(), this);
        this.limits = pushy.limits();
    }

    /** Connects a client to the hub; it is to be opened next. */
    static JsonClient connect(JsonProtocol protocol, JsonSession session, Grant grant) {
        JsonClient client = new JsonClient(protocol, session, grant);
        client.clock.watch(grant);
        return client;
    }

    void open(StreamRequest request) {
        subscriber.open(request.patterns(), request.resume());
    }

    Grant grant() {
        return subscriber.grant();
    }

    SubscriptionChanges subscriptions() {
        if (subscriptions == null) {
            subscriptions = new SubscriptionChanges(limits, subscriber);
        }
        return subscriptions;
    }

    /** Takes a new token of the same subject. */
    void renew(Grant grant, @Nullable String ref) {
        Renewal renewal = Renewal.of(subscriber, grant);
        if (renewal.refusal() != null) {
            session.error(Fault.FORBIDDEN, renewal.refusal(), ref);
            return;
        }
        clock.watch(grant);
        session.reply(JsonText.object().put("type", "authenticated"), ref);
        drop(renewal.lost());
    }

    private void drop(List<ChannelPattern> lost) {
        try {
            if (!lost.isEmpty()) {
                subscriptions()
                        .remove(lost, cursor -> session.reply(JsonCommands.told("unsubscribed", lost, cursor), null));
            }
        } catch (RequestException e) {
            // What the token does not allow any more must not go on because the client asks for too much.
            session.refuse(
                    Fault.FORBIDDEN, "the new token does not allow all subscriptions", null, CloseReason.FORBIDDEN);
        }
    }

    @Override
    public void onOpen(@Nullable Cursor cursor, boolean resumed) {
        JsonText text = JsonText.object()
                .put("type", "open")
                .put("connection", subscriber.connection().id())
                .put("channels", subscriber.patterns())
                .put("resumed", resumed)
                .putNullable("cursor", cursor == null ? null : cursor.toString());
        session.reply(text, null);
    }

    @Override
    public void onChange(ControlMessage.ChangeStream change) {
        session.error(
                Fault.INVALID_REQUEST,
                "a request asked to change this connection as if it were a stream: use subscribe and unsubscribe",
                null);
    }

    @Override
    public void onDrain(long reconnectMillis) {
        session.reply(JsonText.object().put("type", "reconnect").put("after", reconnectMillis), null);
    }

    @Override
    public void onTokenExpiring() {
        session.reply(JsonText.object().put("type", "token_expiring"), null);
    }

    @Override
    public void onTokenExpired() {
        subscriber.connection().close(CloseReason.TOKEN_EXPIRED);
    }

    void heartbeat() {
        subscriber.heartbeat();
    }

    void drained() {
        subscriber.drained();
    }

    void closed(CloseReason reason) {
        clock.stop();
        subscriber.closed(reason);
    }
}
