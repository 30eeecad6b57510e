package dev.pushy.core;

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
     */
    default void onTransition(PresenceStore.Transition transition) {}

    /** A loss was told to clients of this node. */
    default void onGap(Gap.Reason reason, int connections) {}
}
