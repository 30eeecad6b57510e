package dev.pushy.redis;

import dev.pushy.core.ChannelPattern;
import dev.pushy.core.UnavailableException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What this node hears of one partition: its topics, and the {@link Link} that carries them at the moment.
 *
 * <pre>
 * no session -- begin --> subscribing -- all acknowledged, scripts can be called --> up
 *  ^_________________________|______________________ end ___________________________|
 * </pre>
 *
 * <p>Two locks. {@code state} guards the topics and is held for moments only, so that callers never wait. {@code calls} is
 * held while a listener is called: one call at a time, also when the partition goes from one link to another. Order: calls,
 * then state.
 */
final class Line {
    /** How many names go into one command. */
    static final int BATCH = 512;

    private static final System.Logger LOG = System.getLogger(Line.class.getName());

    /** Hears what comes on a line, one call at a time, in the order of the link. */
    interface Listener {
        /** Whether anybody took it; the same payload again, directly behind it, is a copy by another topic. */
        boolean onPayload(Topic topic, byte[] payload);

        /** Whether the scripts of the partition can be called; if not, {@link Line#goUp} is called when they can. */
        boolean isReady(int partition);

        void onUp(int partition);

        void onDown(int partition);
    }

    /** Names to subscribe to, or to unsubscribe from, in one command. */
    record Batch(boolean subscribe, List<byte[]> names) {}

    final int partition;
    final Canary canary = new Canary();
    private final Listener listener;
    private final ReentrantLock state = new ReentrantLock();
    private final ReentrantLock calls = new ReentrantLock();
    private final Map<TopicName, Topic> topics = new ConcurrentHashMap<>();
    private final ArrayDeque<Topic> behind = new ArrayDeque<>();
    /** Of interests that are acknowledged. */
    private final List<CompletableFuture<Void>> untilUp = new ArrayList<>();

    private volatile Link.@Nullable Session session;
    private volatile boolean up;
    private int unconfirmed;
    private boolean closed;
    private byte @Nullable [] last;

    Line(int partition, List<byte[]> service, Listener listener) {
        this.partition = partition;
        this.listener = listener;
        for (byte[] name : service) {
            topics.put(new TopicName(name), new Topic(name, this, true));
        }
    }

    boolean isUp() {
        return up;
    }

    int topics() {
        return topics.size();
    }

    // Interest.

    /** Listens to a topic for the sake of a pattern. Completes in link order. */
    CompletionStage<Void> declare(byte[] name, ChannelPattern pattern) {
        CompletableFuture<Void> stage = new CompletableFuture<>();
        Link.Session carrier;
        state.lock();
        try {
            if (closed) {
                stage.completeExceptionally(new UnavailableException("the broker was closed"));
                return stage;
            }
            Topic topic = topics.computeIfAbsent(new TopicName(name), key -> new Topic(name, this, false));
            topic.add(pattern);
            queue(topic);
            if (!topic.await(stage)) {
                untilUp.add(stage);
            }
            carrier = session;
        } finally {
            state.unlock();
        }
        if (carrier != null) {
            carrier.wake();
        }
        completeIfUp();
        return stage;
    }

    void withdraw(byte[] name, ChannelPattern pattern) {
        List<CompletableFuture<Void>> inVain = List.of();
        Link.Session carrier;
        state.lock();
        try {
            Topic topic = topics.get(new TopicName(name));
            if (topic == null) {
                return;
            }
            topic.remove(pattern);
            queue(topic);
            if (!topic.isWanted()) {
                inVain = topic.giveUp();
            }
            removeIfOver(topic);
            carrier = session;
        } finally {
            state.unlock();
        }
        inVain.forEach(stage -> stage.completeExceptionally(new UnavailableException("the interest was taken back")));
        if (carrier != null) {
            carrier.wake();
        }
    }

    private void queue(Topic topic) {
        if (session != null && topic.isBehind() && topic.queue()) {
            behind.add(topic);
        }
    }

    private void removeIfOver(Topic topic) {
        if (topic.isOver()) {
            topics.remove(new TopicName(topic.name));
        }
    }

    // What the link does.

    /** A connection carries the line from now on. */
    void begin(Link.Session carrier) {
        calls.lock();
        try {
            Link.Session before = session;
            if (before == carrier || carrier.isOver()) {
                return;
            }
            if (before != null) {
                end(before);
            }
            state.lock();
            try {
                session = carrier;
                last = null;
                behind.clear();
                List<Topic> all = new ArrayList<>(topics.values());
                all.sort((a, b) -> Boolean.compare(b.service, a.service));
                unconfirmed = all.size();
                for (Topic topic : all) {
                    topic.beginSession();
                    queue(topic);
                }
            } finally {
                state.unlock();
            }
        } finally {
            calls.unlock();
        }
        carrier.wake();
    }

    /** The connection carries the line no more. Without effect if another one does by now. */
    void end(Link.Session carrier) {
        calls.lock();
        try {
            if (session != carrier) {
                return;
            }
            state.lock();
            try {
                session = null;
                behind.clear();
                for (Topic topic : topics.values()) {
                    topic.endSession();
                    removeIfOver(topic);
                }
            } finally {
                state.unlock();
            }
            canary.forget();
            if (up) {
                up = false;
                call(() -> listener.onDown(partition));
            }
        } finally {
            calls.unlock();
        }
    }

    /** Whether this connection carries the line. Any thread. */
    boolean isOn(Link.Session carrier) {
        return session == carrier;
    }

    /** What to send next, at most so many names; null if there is nothing. For the link's writer. */
    @Nullable
    Batch next(Link.Session carrier, int most) {
        state.lock();
        try {
            List<byte[]> names = new ArrayList<>();
            boolean subscribe = false;
            while (session == carrier && names.size() < most && !behind.isEmpty()) {
                Topic topic = behind.element();
                if (!topic.isBehind()) {
                    behind.remove();
                    topic.unqueue();
                    removeIfOver(topic);
                    continue;
                }
                boolean wants = topic.wantsSubscribe();
                if (!names.isEmpty() && wants != subscribe) {
                    break;
                }
                behind.remove();
                topic.unqueue();
                subscribe = topic.send();
                names.add(topic.name);
                queue(topic);
            }
            return names.isEmpty() ? null : new Batch(subscribe, names);
        } finally {
            state.unlock();
        }
    }

    /** A message came. On the link's reader. */
    void receive(Link.Session carrier, byte[] name, byte[] payload) {
        calls.lock();
        try {
            if (session != carrier || !up || payload.length == 0 || Arrays.equals(payload, last)) {
                return;
            }
            Topic topic = topics.get(new TopicName(name));
            if (topic == null) {
                return;
            }
            if (payload[0] == Wire.CANARY) {
                canary.heard(payload);
            } else if (listener.onPayload(topic, payload)) {
                last = payload;
            }
        } catch (RuntimeException | Error failed) {
            LOG.log(System.Logger.Level.WARNING, "a listener of the broker failed", failed);
        } finally {
            calls.unlock();
        }
    }

    /** A subscribe was acknowledged. On the link's reader. */
    void subscribed(Link.Session carrier, byte[] name) {
        boolean complete = false;
        state.lock();
        try {
            Topic topic = topics.get(new TopicName(name));
            if (session == carrier && topic != null) {
                untilUp.addAll(topic.acknowledge());
                if (topic.confirmInitial()) {
                    unconfirmed--;
                    complete = unconfirmed == 0;
                }
                removeIfOver(topic);
            }
        } finally {
            state.unlock();
        }
        if (complete) {
            goUp();
        } else {
            completeIfUp();
        }
    }

    /** Is up from now on, if all that it needs is there. Any thread. */
    void goUp() {
        calls.lock();
        try {
            if (!up && isConfirmed() && listener.isReady(partition)) {
                up = true;
                completeIfUp();
                call(() -> listener.onUp(partition));
            }
        } finally {
            calls.unlock();
        }
    }

    /** What comes before the line is up is handed to nobody, so nobody is told before that he is subscribed. */
    private void completeIfUp() {
        List<CompletableFuture<Void>> done = List.of();
        state.lock();
        try {
            if (up && !untilUp.isEmpty()) {
                done = List.copyOf(untilUp);
                untilUp.clear();
            }
        } finally {
            state.unlock();
        }
        done.forEach(stage -> stage.complete(null));
    }

    private boolean isConfirmed() {
        state.lock();
        try {
            return session != null && unconfirmed == 0;
        } finally {
            state.unlock();
        }
    }

    /** An unsubscribe was acknowledged. False if the server did it by itself. On the link's reader. */
    boolean unsubscribed(Link.Session carrier, byte[] name) {
        state.lock();
        try {
            Topic topic = topics.get(new TopicName(name));
            if (session != carrier || topic == null) {
                return true;
            }
            boolean asked = topic.acknowledgeDrop();
            removeIfOver(topic);
            return asked;
        } finally {
            state.unlock();
        }
    }

    /** Drops the connection that carries the line; it comes back. Any thread. */
    void reconnect() {
        Link.Session carrier = session;
        if (carrier != null) {
            carrier.abort();
        }
    }

    /** Calls somebody in the order of the line, if it is up. */
    void whenUp(Runnable call) {
        calls.lock();
        try {
            if (up) {
                call(call);
            }
        } finally {
            calls.unlock();
        }
    }

    /** Nobody is told anything any more. */
    void close() {
        List<CompletableFuture<Void>> waiting = new ArrayList<>();
        state.lock();
        try {
            closed = true;
            topics.values().forEach(topic -> waiting.addAll(topic.giveUp()));
            waiting.addAll(untilUp);
            untilUp.clear();
        } finally {
            state.unlock();
        }
        waiting.forEach(stage -> stage.completeExceptionally(new UnavailableException("the broker was closed")));
    }

    private static void call(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException | Error failed) {
            LOG.log(System.Logger.Level.WARNING, "a listener of the broker failed", failed);
        }
    }
}
