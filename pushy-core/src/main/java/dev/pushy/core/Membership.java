package dev.pushy.core;

import java.util.function.Consumer;

/** One connection's part in somebody's being on a channel, until it leaves. Any thread. */
final class Membership {
    final LocalPresence.Key key;
    final String meta;
    final int most;
    final Consumer<Boolean> answer;
    private final LocalPresence presence;

    Membership(LocalPresence presence, LocalPresence.Key key, String meta, int most, Consumer<Boolean> answer) {
        this.presence = presence;
        this.key = key;
        this.meta = meta;
        this.most = most;
        this.answer = answer;
    }

    /** Ends it, however it was begun. Idempotent. */
    void leave() {
        presence.leave(this);
    }
}
