package dev.pushy.redis;

import dev.pushy.core.Channel;
import dev.pushy.core.ChannelPattern;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One topic of Redis that this node listens to, or did a moment ago. Guarded by the lock of its {@link Line}, but for what
 * the reader asks.
 */
final class Topic {
    final byte[] name;
    final Line line;
    /** Never unsubscribed: the node's own, so that the reader always has something to listen to. */
    final boolean service;

    /** What is wanted of it; replaced, never changed. */
    private volatile ChannelPattern[] patterns = {};
    /** Whether the last word that was sent in this session was to subscribe. */
    private boolean subscribed;
    /** How often this session asked to subscribe and to unsubscribe, and how often each was acknowledged. */
    private int asked;

    private int acknowledged;
    private int dropsAsked;
    private int dropsAcknowledged;
    private boolean queued;
    /** Part of what the link must have before it is up. */
    private boolean initial;

    private @Nullable List<Waiter> waiting;

    /** Somebody who waits for the acknowledgement with this number. */
    private record Waiter(int number, CompletableFuture<Void> stage) {}

    Topic(byte[] name, Line line, boolean service) {
        this.name = name;
        this.line = line;
        this.service = service;
    }

    /** Whether the node wants the channel's events that come by this topic. Any thread. */
    boolean wants(Channel channel) {
        for (ChannelPattern pattern : patterns) {
            if (pattern.matches(channel)) {
                return true;
            }
        }
        return false;
    }

    boolean isWanted() {
        return service || patterns.length > 0;
    }

    void add(ChannelPattern pattern) {
        ChannelPattern[] before = patterns;
        if (!Arrays.asList(before).contains(pattern)) {
            ChannelPattern[] after = Arrays.copyOf(before, before.length + 1);
            after[before.length] = pattern;
            patterns = after;
        }
    }

    void remove(ChannelPattern pattern) {
        patterns =
                Arrays.stream(patterns).filter(other -> !other.equals(pattern)).toArray(ChannelPattern[]::new);
    }

    /** Whether a word has to be sent. */
    boolean isBehind() {
        return isWanted() != subscribed || (initial && asked == 0);
    }

    /** Whether the next word is to subscribe. */
    boolean wantsSubscribe() {
        return !subscribed;
    }

    /** A session begins, which is up when all topics that are wanted now are acknowledged. */
    void beginSession() {
        initial = true;
    }

    /** The acknowledgement that the session waits for has come, if it does. */
    boolean confirmInitial() {
        boolean first = initial;
        initial = false;
        return first;
    }

    /** Puts it among those that have something to send. False if it is there already. */
    boolean queue() {
        boolean first = !queued;
        queued = true;
        return first;
    }

    void unqueue() {
        queued = false;
    }

    /** Notes that the word is being sent. True: to subscribe. */
    boolean send() {
        subscribed = !subscribed;
        if (subscribed) {
            asked++;
        } else {
            dropsAsked++;
        }
        return subscribed;
    }

    /**
     * Waits for the acknowledgement of the last subscribe that was sent, or of the one that is to be sent. False if there
     * is nothing to wait for: it has come.
     */
    boolean await(CompletableFuture<Void> stage) {
        int number = subscribed ? asked : asked + 1;
        if (acknowledged >= number) {
            return false;
        }
        if (waiting == null) {
            waiting = new ArrayList<>(2);
        }
        waiting.add(new Waiter(number, stage));
        return true;
    }

    /** A subscribe was acknowledged. Those who waited for it are to be told without the lock. */
    List<CompletableFuture<Void>> acknowledge() {
        acknowledged++;
        if (waiting == null) {
            return List.of();
        }
        List<CompletableFuture<Void>> done = new ArrayList<>(waiting.size());
        waiting.removeIf(waiter -> waiter.number <= acknowledged && done.add(waiter.stage));
        if (waiting.isEmpty()) {
            waiting = null;
        }
        return done;
    }

    /** An unsubscribe was acknowledged. False if nobody had asked: the server did it by itself. */
    boolean acknowledgeDrop() {
        dropsAcknowledged++;
        return dropsAcknowledged <= dropsAsked;
    }

    /** Whether nothing is wanted and nothing is on its way any more. */
    boolean isOver() {
        return !isWanted() && !subscribed && !queued && dropsAcknowledged >= dropsAsked && acknowledged >= asked;
    }

    /** The session is over: whoever waits, waits for the first acknowledgement of the next. */
    void endSession() {
        subscribed = false;
        queued = false;
        initial = false;
        asked = 0;
        acknowledged = 0;
        dropsAsked = 0;
        dropsAcknowledged = 0;
        if (waiting != null) {
            waiting.replaceAll(waiter -> new Waiter(1, waiter.stage));
        }
    }

    /** Nobody will be told any more. */
    List<CompletableFuture<Void>> giveUp() {
        List<CompletableFuture<Void>> stages = new ArrayList<>();
        if (waiting != null) {
            waiting.forEach(waiter -> stages.add(waiter.stage));
            waiting = null;
        }
        return stages;
    }
}
