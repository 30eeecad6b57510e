package dev.pushy.core;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A presence store that a test can take away, or keep from being heard. */
final class FailingPresence extends ForwardingPresence {
    boolean away;
    boolean deaf;
    private Listener listener;

    FailingPresence(PresenceStore store) {
        super(store);
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
        super.start(new Ear(listener) {
            @Override
            public void onPresence(ChannelEvent event) {
                if (!deaf) {
                    super.onPresence(event);
                }
            }

            @Override
            public void onMarker(Channel channel, long marker) {
                if (!deaf) {
                    super.onMarker(channel, marker);
                }
            }
        });
    }

    @Override
    public CompletionStage<Boolean> update(Channel channel, Member member, int most) {
        return away ? failed() : super.update(channel, member, most);
    }

    @Override
    public CompletionStage<Void> update(Channel channel, int subscribers) {
        return away ? failed() : super.update(channel, subscribers);
    }

    @Override
    public CompletionStage<List<Member>> members(Channel channel) {
        return away ? failed() : super.members(channel);
    }

    @Override
    public CompletionStage<List<Member>> members(Channel channel, long marker) {
        return away ? failed() : super.members(channel, marker);
    }
}
