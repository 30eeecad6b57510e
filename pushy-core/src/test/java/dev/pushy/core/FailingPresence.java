package dev.pushy.core;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A presence store that a test can take away, or keep from being heard. */
final class FailingPresence implements PresenceStore {
    private final PresenceStore store;
    boolean away;
    boolean deaf;
    private Listener listener;

    FailingPresence(PresenceStore store) {
        this.store = store;
    }

    /** Its events come again, but for those that were lost. */
    void hearAgain() {
        deaf = false;
        listener.onLoss();
    }

    /** Tells the node of a transition. */
    CompletionStage<Void> tell(Transition transition) {
        return listener.onTransition(transition);
    }

    private static <T> CompletionStage<T> failed() {
        return CompletableFuture.failedFuture(new UnavailableException("as the test wants it"));
    }

    @Override
    public void start(Listener listener) {
        this.listener = listener;
        store.start(new Listener() {
            @Override
            public void onPresence(ChannelEvent event) {
                if (!deaf) {
                    listener.onPresence(event);
                }
            }

            @Override
            public void onMarker(Channel channel, long marker) {
                if (!deaf) {
                    listener.onMarker(channel, marker);
                }
            }

            @Override
            public CompletionStage<Void> onTransition(Transition transition) {
                return listener.onTransition(transition);
            }

            @Override
            public void onClosing() {
                listener.onClosing();
            }
        });
    }

    @Override
    public CompletionStage<Boolean> update(Channel channel, Member member, int most) {
        return away ? failed() : store.update(channel, member, most);
    }

    @Override
    public CompletionStage<Void> update(Channel channel, int subscribers) {
        return away ? failed() : store.update(channel, subscribers);
    }

    @Override
    public CompletionStage<List<Member>> members(Channel channel) {
        return away ? failed() : store.members(channel);
    }

    @Override
    public CompletionStage<List<Member>> members(Channel channel, long marker) {
        return away ? failed() : store.members(channel, marker);
    }

    @Override
    public CompletionStage<Integer> memberCount(Channel channel) {
        return store.memberCount(channel);
    }

    @Override
    public CompletionStage<Map<String, Integer>> occupied(String app, String prefix) {
        return store.occupied(app, prefix);
    }

    @Override
    public CompletionStage<Integer> subscriberCount(Channel channel) {
        return store.subscriberCount(channel);
    }

    @Override
    public void close() {
        store.close();
    }
}
