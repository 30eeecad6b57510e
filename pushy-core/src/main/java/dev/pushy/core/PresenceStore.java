package dev.pushy.core;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Who is present on which channel, and which channels are occupied, across all nodes.
 *
 * <p>A node tells what holds on the node itself; the store decides, in one atomic step with the change, whether this is a
 * transition for the whole cluster, and tells it. Telling the same again changes nothing. What a node told is void when the
 * node is gone: its lease ends, and each transition that follows from this is told once.
 *
 * <p>No method blocks. Stages complete on any thread, exceptionally with {@link UnavailableException}. Nobody knows then
 * whether the store has heard what it was told. The node tells it again what it said of a member, until it is taken. The
 * number of a channel's subscribers it tells only when that changes, so a store brings the last one in by itself.
 */
public interface PresenceStore extends AutoCloseable {

    /** Connects, and calls the listener from now on. Called once, before anything else. */
    void start(Listener listener);

    /**
     * This node has {@link Member#connections()} connections of this member on the channel: the first is a join, the end
     * of the last a leave, unless the member is on another node too. The node waits for the answer before it tells more of
     * the same member on the same channel.
     */
    default CompletionStage<Void> update(Channel channel, Member member) {
        return update(channel, member, Integer.MAX_VALUE).thenApply(fits -> null);
    }

    /**
     * The same where a channel may have only so many members. Whoever is a member already, on any node, always fits; else
     * false is answered where there are so many, and nothing has changed.
     */
    CompletionStage<Boolean> update(Channel channel, Member member, int most);

    /** This node has so many subscribers on the channel; patterns do not count. */
    CompletionStage<Void> update(Channel channel, int subscribers);

    /** The members of a channel, each once, with what its first connection said of it and its connections on all nodes. */
    CompletionStage<List<Member>> members(Channel channel);

    /**
     * The members of a channel in the order in which they came, and in the same atomic step the marker is sent to this
     * node's listener: behind every join and leave that the answer includes, before all others.
     */
    CompletionStage<List<Member>> members(Channel channel, long marker);

    /** How many members a channel has. */
    CompletionStage<Integer> memberCount(Channel channel);

    /** The occupied channels of an app whose names begin with the prefix, with their subscribers on all nodes. */
    CompletionStage<Map<String, Integer>> occupied(String app, String prefix);

    /** How many subscribers a channel has on all nodes. */
    CompletionStage<Integer> subscriberCount(Channel channel);

    /**
     * Takes back everything that this node told, and ends. A store that keeps transitions waits a few seconds for those that
     * were told and are not dealt with. Idempotent.
     */
    @Override
    void close();

    /** Hears what the store decides. Never blocks. */
    interface Listener {
        /** A member joined or left a channel that this node is interested in; not yet settled. */
        void onPresence(ChannelEvent event);

        /** The echo of {@link PresenceStore#members(Channel, long)}, in the order of the channel's joins and leaves. */
        void onMarker(Channel channel, long marker);

        /**
         * Joins, leaves or markers may have been lost on their way to this node, and now they come again: it reads again who
         * is on its channels. A store whose events come on the link of the channel's partition need not tell this: that the
         * link was broken says so.
         */
        default void onLoss() {}

        /**
         * A transition of the cluster, for one node to tell the outside world. Those of a channel come in the order in which
         * they were decided, never two calls at once for one partition, on any thread.
         *
         * <p>At least once: what was told and not dealt with when its node ended is told again, with the same id, by the
         * next one. So may be what was dealt with, if the store did not learn of it.
         *
         * <p>The stage completes, on any thread, when the transition has been dealt with for good: it was passed on, nobody
         * wants to hear of it, or it was given up. Until then a store whose transitions outlive the node keeps it, and it
         * counts as one that waits. When the stage fails, or never completes, it is kept for whoever tells next. Of two that
         * take each other back the earlier one must be done first. What is thrown counts as dealt with.
         *
         * @return {@link Transition#DONE} where there is nothing to wait for
         */
        CompletionStage<Void> onTransition(Transition transition);

        /**
         * The store of this node ends, and tells it no more transitions. Those that are not dealt with should be at once, or
         * their stages fail: {@link PresenceStore#close} waits for that, but not for long.
         */
        default void onClosing() {}
    }

    /**
     * Something that happened once in the whole cluster.
     *
     * @param id the same however often it is told
     * @param time milliseconds since 1970
     * @param again whether another node, which tells no more, may have told it before. The outside world may know of it then,
     *     so that it cannot be taken back by what happened later.
     */
    record Transition(String id, Kind kind, Channel channel, String subject, long time, boolean again) {
        /** The answer of those who have nothing to do for a transition, or have done it. */
        public static final CompletionStage<Void> DONE = CompletableFuture.completedStage(null);

        /** One that nobody was told before. */
        public Transition(String id, Kind kind, Channel channel, String subject, long time) {
            this(id, kind, channel, subject, time, false);
        }

        /** What happened. */
        public enum Kind {
            /** The subject's first connection on the channel. */
            JOINED,
            /** The subject's last connection on the channel is gone. */
            LEFT,
            /** The channel has its first subscriber; the subject is empty. */
            OCCUPIED,
            /** The channel's last subscriber is gone; the subject is empty. */
            VACATED
        }
    }
}
