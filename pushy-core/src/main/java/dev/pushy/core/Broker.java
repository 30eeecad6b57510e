package dev.pushy.core;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Carries events between the nodes of a cluster, and gives messages their order.
 *
 * <h2>Contract</h2>
 *
 * <ul>
 *   <li><b>Accepted</b> means that the message has its place in the order; append and fan-out are one atomic step. After
 *       that it is delivered to every node whose interest matches, or the broker reports the link broken.
 *   <li><b>Order</b>: the listener hears the messages of a partition in the order of their offsets, never two calls at once
 *       for one partition, at most once for each message, also where several interests match.
 *   <li><b>Interest</b> counts once its stage has completed; the stage completes in link order: after the listener heard
 *       every event that went before the acknowledgement. A link that comes back has all interest acknowledged before
 *       {@link Listener#onLinkUp}.
 *   <li>No method blocks. Stages complete on any thread.
 *   <li>The listener is never called under a lock that a caller of this interface holds. A listener that throws harms no
 *       other node and no later event.
 *   <li>{@code publish} completes exceptionally with a {@link PublishException}, everything else with an
 *       {@link UnavailableException}.
 * </ul>
 *
 * <p>What a small adapter need not have has a default: without {@link #log} there is no history and no resume, clients are
 * told so by a gap after each break; without control messages a node acts on its own connections only.
 */
public interface Broker extends AutoCloseable {

    /** Connects, and calls the listener from now on. Called once, before anything else. */
    void start(Listener listener);

    /** Publishes a message to every interested node, this one included. */
    CompletionStage<Receipt> publish(Publication publication, PublishOptions options);

    /**
     * Declares that this node wants the events of the channels that the pattern matches. Declaring what is declared is
     * harmless. While the link is down the stage waits for it.
     */
    CompletionStage<Void> subscribe(ChannelPattern interest);

    /** Takes an interest back. Events may still come for a while. */
    CompletionStage<Void> unsubscribe(ChannelPattern interest);

    /** The ordered log, if this broker keeps one. The answer never changes. */
    default Optional<MessageLog> log() {
        return Optional.empty();
    }

    /**
     * The last message of the channel that was published with {@link PublishOptions#retain}, unless it has expired. A
     * broker that keeps none answers that there is none. A broker that loses messages loses them here, too: it answers what
     * was retained before, or that there is none.
     */
    default CompletionStage<Optional<Retained>> retained(Channel channel) {
        return CompletableFuture.completedFuture(Optional.empty());
    }

    /** Sends a control message to every node, this one included. Without effect where the broker cannot. */
    CompletionStage<Void> control(ControlMessage message);

    /** Keeps a revocation for later nodes and sends it to every node, this one included. */
    CompletionStage<Void> revoke(Revocation revocation);

    /** All revocations that still mean something. Read at start and after an outage, before the node is ready. */
    CompletionStage<List<Revocation>> revocations();

    /** How the two paths to the other nodes do. */
    default Health health() {
        return Health.GOOD;
    }

    /** Ends everything and waits for its threads. Idempotent. Publishes that are not answered fail. */
    @Override
    void close();

    /**
     * The two paths of a broker, apart: a node that can publish but does not hear is deaf, and must not get clients.
     *
     * @param publishing whether messages are accepted
     * @param receiving whether the node hears its channels
     * @param detail what is wrong and what to do about it, or null
     */
    record Health(
            boolean publishing, boolean receiving, @Nullable String detail) {
        /** Both paths work. */
        public static final Health GOOD = new Health(true, true, null);
    }

    /** The hub, as a broker sees it. Never blocks. */
    interface Listener {

        /**
         * A message.
         *
         * @param previous position of the channel's message before it, or null where the broker does not know one
         */
        void onPublication(Publication publication, @Nullable Position previous);

        /** A member joined or left. */
        void onPresence(ChannelEvent event);

        /**
         * The echo of {@link MessageLog#read} or {@link MessageLog#mark}: on the link, what came before it is at most at
         * {@code end}, what comes after is beyond.
         */
        void onMarker(long marker, Position end);

        /** The link of a partition is there, with all interest acknowledged. Its events follow. Never twice in a row. */
        void onLinkUp(int partition);

        /**
         * The link of a partition broke: events may be lost. Nothing of that partition comes until it is up again. Never
         * twice in a row, and not before it was up for the first time.
         */
        void onLinkDown(int partition);

        /**
         * The log of a partition went back, and the place from which on everybody is told of it is here: what the node heard
         * so far does not say what was lost, the log must be read again. On the link, in its place. Only of brokers whose
         * log can go back.
         *
         * @see MessageLog#vouch
         */
        void onSetback(int partition);

        /** Another node, or this one, asks all to act. */
        void onControl(ControlMessage message);

        /** A token, or all tokens of a subject, are void from now on. */
        void onRevocation(Revocation revocation);
    }
}
