package dev.pushy.core;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** Passes everything on to another presence store, but for what a test overrides. */
class ForwardingPresence implements PresenceStore {
    private final PresenceStore next;

    ForwardingPresence(PresenceStore next) {
        this.next = next;
    }

    @Override
    public void start(Listener listener) {
        next.start(listener);
    }

    @Override
    public CompletionStage<Boolean> update(Channel channel, Member member, int most) {
        return next.update(channel, member, most);
    }

    @Override
    public CompletionStage<Void> update(Channel channel, int subscribers) {
        return next.update(channel, subscribers);
    }

    @Override
    public CompletionStage<List<Member>> members(Channel channel) {
        return next.members(channel);
    }

    @Override
    public CompletionStage<List<Member>> members(Channel channel, long marker) {
        return next.members(channel, marker);
    }

    @Override
    public CompletionStage<Integer> memberCount(Channel channel) {
        return next.memberCount(channel);
    }

    @Override
    public CompletionStage<Map<String, Integer>> occupied(String app, String prefix) {
        return next.occupied(app, prefix);
    }

    @Override
    public CompletionStage<Integer> subscriberCount(Channel channel) {
        return next.subscriberCount(channel);
    }

    @Override
    public void close() {
        next.close();
    }

    /** What a store says, passed on to the node, but for what a test overrides. */
    static class Ear implements Listener {
        private final Listener node;

        Ear(Listener node) {
            this.node = node;
        }

        @Override
        public void onPresence(ChannelEvent event) {
            node.onPresence(event);
        }

        @Override
        public void onMarker(Channel channel, long marker) {
            node.onMarker(channel, marker);
        }

        @Override
        public void onLoss() {
            node.onLoss();
        }

        @Override
        public CompletionStage<Void> onTransition(Transition transition) {
            return node.onTransition(transition);
        }

        @Override
        public void onClosing() {
            node.onClosing();
        }
    }
}
