package dev.pushy.core;

import java.util.concurrent.CompletionStage;

/**
 * Hears what happens on this node: every connection, subscription, publish, member and channel event, but no single
 * delivery. All methods do nothing unless overridden.
 *
 * <p>Called on loops and on publishers' threads, by several at once: a listener must not block. What it throws is logged
 * and changes nothing.
 */
public interface PushyListener {

    /** A client was accepted. */
    default void onConnect(Connection connection, Grant grant) {}

    /** A connection has ended. */
    default void onDisconnect(Connection connection, Grant grant, CloseReason reason) {}

    /** A subscription is live. Not told of {@linkplain Channel#reserved reserved} channels. */
    default void onSubscribe(Connection connection, ChannelPattern pattern) {}

    /** A subscription has ended; also called for each when its connection ends. Not told of reserved channels. */
    default void onUnsubscribe(Connection connection, ChannelPattern pattern) {}

    /** A message that was published on this node was accepted. */
    default void onPublish(Publication publication, Receipt receipt) {}

    /** A publish on this node failed. */
    default void onPublishFailed(Publication publication, Throwable cause) {}

    /**
     * A member joined or left, or a channel became occupied or vacated; one node of the cluster hears it.
     *
     * <p>Joins and leaves are told of {@linkplain Channel#reserved reserved} channels, too, since protocols keep there who is
     * online. Whoever passes transitions on to the world leaves those out.
     *
     * <p>Told at least once, with the same id. It has been dealt with when the stages of all listeners have completed; if one
     * fails, or the node ends before, a store that keeps transitions lets the next node tell it. See
     * {@link PresenceStore.Listener#onTransition}.
     *
     * @return {@link PresenceStore.Transition#DONE} where there is nothing to wait for
     */
    default CompletionStage<Void> onTransition(PresenceStore.Transition transition) {
        return PresenceStore.Transition.DONE;
    }

    /** The node ends: no transition follows, and those that are not dealt with are waited for, a few seconds at most. */
    default void onClosing() {}

    /** A loss was told to clients of this node. */
    default void onGap(Gap.Reason reason, int connections) {}
}
