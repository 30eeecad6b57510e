package dev.pushy.core.contract;

import dev.pushy.core.Broker;
import dev.pushy.core.ChannelEvent;
import dev.pushy.core.ControlMessage;
import dev.pushy.core.Position;
import dev.pushy.core.Publication;
import dev.pushy.core.Revocation;
import org.jspecify.annotations.Nullable;

/** Passes everything on, but for what a test overrides. */
class ForwardingListener implements Broker.Listener {
    private final Broker.Listener next;

    ForwardingListener(Broker.Listener next) {
        this.next = next;
    }

    @Override
    public void onPublication(Publication publication, @Nullable Position previous) {
        next.onPublication(publication, previous);
    }

    @Override
    public void onPresence(ChannelEvent event) {
        next.onPresence(event);
    }

    @Override
    public void onMarker(long marker, Position end) {
        next.onMarker(marker, end);
    }

    @Override
    public void onLinkUp(int partition) {
        next.onLinkUp(partition);
    }

    @Override
    public void onLinkDown(int partition) {
        next.onLinkDown(partition);
    }

    @Override
    public void onSetback(int partition) {
        next.onSetback(partition);
    }

    @Override
    public void onControl(ControlMessage message) {
        next.onControl(message);
    }

    @Override
    public void onRevocation(Revocation revocation) {
        next.onRevocation(revocation);
    }
}
