package dev.pushy.core;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Presence of a single node, in memory: it ends with the process. Thread-safe; every stage is complete when it is
 * returned.
 */
public final class MemoryPresenceStore implements PresenceStore {
    private final MemoryPresence presence;
    private final MemoryPresence.Node node;

    MemoryPresenceStore(MemoryPresence presence, MemoryPresence.Node node) {
        this.presence = presence;
        this.node = node;
    }

    /** A store for one node. */
    public static MemoryPresenceStore create() {
        return new MemoryPresence(System::currentTimeMillis).node();
    }

    @Override
    public void start(Listener listener) {
        presence.start(node, listener);
    }

    @Override
    public CompletionStage<Boolean> update(Channel channel, Member member, int most) {
        if (member.connections() < 0) {
            throw new IllegalArgumentException("a member has " + member.connections() + " connections");
        }
        return completed(() -> presence.update(node, channel, member, most));
    }

    @Override
    public CompletionStage<Void> update(Channel channel, int subscribers) {
        if (subscribers < 0) {
            throw new IllegalArgumentException("a channel has " + subscribers + " subscribers");
        }
        return completed(() -> {
            presence.update(node, channel, subscribers);
            return null;
        });
    }

    @Override
    public CompletionStage<List<Member>> members(Channel channel) {
        return completed(() -> presence.read(node, channel, PresenceRoom::members, List.of()));
    }

    @Override
    public CompletionStage<List<Member>> members(Channel channel, long marker) {
        return completed(() -> presence.members(node, channel, marker));
    }

    @Override
    public CompletionStage<Integer> memberCount(Channel channel) {
        return completed(() -> presence.read(node, channel, PresenceRoom::memberCount, 0));
    }

    @Override
    public CompletionStage<Map<String, Integer>> occupied(String app, String prefix) {
        return completed(() -> presence.occupied(node, app, prefix));
    }

    @Override
    public CompletionStage<Integer> subscriberCount(Channel channel) {
        return completed(() -> presence.read(node, channel, PresenceRoom::subscribers, 0));
    }

    @Override
    public void close() {
        presence.close(node);
    }

    /** The others take this node for dead. */
    void endLease() {
        presence.endLease(node);
    }

    /** What a node does now and then, so that one that was taken for dead notices. */
    void renewLease() {
        presence.renewLease(node);
    }

    private static <T> CompletionStage<T> completed(Supplier<T> answer) {
        try {
            return CompletableFuture.completedFuture(answer.get());
        } catch (UnavailableException e) {
            return CompletableFuture.failedFuture(e);
        }
    }
}
