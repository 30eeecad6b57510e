package dev.pushy.redis;

import dev.pushy.core.Channel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What a node wants Redis to know of one member or of the subscribers of one channel, and what Redis is known to know.
 * Guarded by the lock of its {@link PresencePartition}.
 */
final class PresenceEntry {

    /** What an entry is about; no subject: the subscribers. */
    record Key(Channel channel, @Nullable String subject) {}

    /** Something that is said, and who is answered with it. */
    record Said(PresenceEntry entry, Statement statement, List<CompletableFuture<Boolean>> waiting) {}

    final Key key;
    /** Whether it waits for its turn. */
    boolean queued;

    private String meta = "";
    private int wanted;
    private int most = Integer.MAX_VALUE;
    /** What Redis said yes to last. */
    private int confirmed;
    /** Redis has lost what it said yes to, and is to hear it again before anything new. */
    private boolean lost;

    private List<CompletableFuture<Boolean>> waiting = new ArrayList<>(1);

    PresenceEntry(Key key) {
        this.key = key;
    }

    /** Takes what is wanted now in place of what was before; the stage is answered with it. */
    void want(Statement statement, CompletableFuture<Boolean> stage) {
        meta = statement.count() > 0 ? statement.meta() : meta;
        wanted = statement.count();
        most = statement.most();
        waiting.add(stage);
    }

    /** Says what is to be said next. */
    Said say() {
        if (lost) {
            Statement again = new Statement(key.channel, key.subject, meta, confirmed, Integer.MAX_VALUE, true);
            return new Said(this, again, List.of());
        }
        return new Said(this, new Statement(key.channel, key.subject, meta, wanted, most, false), takeWaiting());
    }

    private List<CompletableFuture<Boolean>> takeWaiting() {
        List<CompletableFuture<Boolean>> taken = waiting;
        waiting = new ArrayList<>(1);
        return taken;
    }

    /** It was not said after all. */
    void unsay(Said said) {
        List<CompletableFuture<Boolean>> all = new ArrayList<>(said.waiting());
        all.addAll(waiting);
        waiting = all;
    }

    /** Redis said yes. */
    void confirm(Statement said) {
        lost = false;
        confirmed = said.count();
        if (wanted == said.count()) {
            most = Integer.MAX_VALUE; // a member stays one, also where all has to be said again
        }
    }

    /** Redis said that the channel is full. */
    void refuse(Statement said) {
        if (wanted == said.count()) {
            wanted = confirmed;
        }
    }

    /**
     * Nobody knows whether Redis heard it. Whoever asked for one of a limited number of places has to ask again; anything
     * else stays wanted.
     *
     * @return those who wait and are to be told so
     */
    List<CompletableFuture<Boolean>> fail() {
        if (most < Integer.MAX_VALUE && wanted > confirmed) {
            wanted = confirmed;
        }
        return takeWaiting();
    }

    /** Redis has lost what it knew. */
    void lose() {
        lost = confirmed > 0;
    }

    /** All were told, or will be, that this node has ended. */
    void end() {
        lost = false;
        confirmed = 0;
    }

    /** Whether there is anything to say. */
    boolean isDue() {
        return lost || wanted != confirmed || !waiting.isEmpty();
    }

    /** Whether nothing is wanted and nothing is known. */
    boolean isVoid() {
        return wanted == 0 && confirmed == 0 && !isDue();
    }
}
