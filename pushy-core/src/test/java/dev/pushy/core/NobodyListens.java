package dev.pushy.core;

import java.util.concurrent.CompletionStage;

/** For a node that only acts: whatever the presence store says is heard by nobody. */
final class NobodyListens implements PresenceStore.Listener {
    @Override
    public void onPresence(ChannelEvent event) {}

    @Override
    public void onMarker(Channel channel, long marker) {}

    @Override
    public CompletionStage<Void> onTransition(PresenceStore.Transition transition) {
        return PresenceStore.Transition.DONE;
    }
}
