package dev.pushy.core;

import dev.pushy.core.PresenceStore.Transition;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the {@link MemoryPresenceStore}s of one process share, each of which stands for a node. A program has one node;
 * tests have several, and can end the lease of one.
 *
 * <p>Every change is decided under one lock, together with what is to be told of it. Listeners are called without the
 * lock, in the order of the decisions, by one thread at a time: whoever updates while another thread is telling leaves
 * the telling to it. Since listeners must not block, the queue is no longer than a burst. Nobody waits for what becomes of
 * transitions: they end with the process, as those do who wait for them.
 */
final class MemoryPresence {
    private static final Logger LOG = System.getLogger(MemoryPresence.class.getName());

    /** One node. Guarded by the lock, but for the listener, which does not change. */
    static final class Node {
        private PresenceStore.@Nullable Listener listener;
        private boolean closed;
        /** What the node had told when its lease ended, to be told again by it; null while the lease holds. */
        private @Nullable List<Told> fenced;
    }

    private record Told(Channel channel, List<Member> members, int subscribers) {}

    private record Telling(PresenceStore.Listener listener, Consumer<PresenceStore.Listener> call) {}

    private final LongSupplier epochMillis;
    private final String idPrefix =
            Long.toString(ThreadLocalRandom.current().nextLong(Long.MAX_VALUE), Character.MAX_RADIX) + "-";

    private final ReentrantLock lock = new ReentrantLock();
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, NavigableMap<String, PresenceRoom>> apps = new HashMap<>();
    private final Deque<Telling> decided = new ArrayDeque<>();
    private boolean telling;
    private long transitions;

    MemoryPresence(LongSupplier epochMillis) {
        this.epochMillis = epochMillis;
    }

    /** A new node that shares this state. */
    MemoryPresenceStore node() {
        return new MemoryPresenceStore(this, new Node());
    }

    void start(Node node, PresenceStore.Listener listener) {
        change(() -> {
            if (node.listener != null) {
                throw new IllegalStateException("the presence store was started before");
            }
            node.listener = listener;
            nodes.add(node);
        });
    }

    /** False where the channel has so many other members already. */
    boolean update(Node node, Channel channel, Member member, int most) {
        boolean[] fits = {true};
        change(() -> {
            requireOpen(node);
            renew(node);
            PresenceRoom room = room(channel);
            fits[0] = member.connections() == 0 || room == null || room.hasRoomFor(member.subject(), most);
            if (fits[0]) {
                apply(node, node, channel, member);
            }
        });
        return fits[0];
    }

    /** The members of a channel, and a marker behind what was told of them. */
    List<Member> members(Node node, Channel channel, long marker) {
        List<Member> members = new ArrayList<>();
        change(() -> {
            requireOpen(node);
            PresenceRoom room = room(channel);
            if (room != null) {
                members.addAll(room.members());
            }
            tellLater(node, listener -> listener.onMarker(channel, marker));
        });
        return members;
    }

    void update(Node node, Channel channel, int subscribers) {
        change(() -> {
            requireOpen(node);
            renew(node);
            apply(node, node, channel, subscribers);
        });
    }

    /** What every node does now and then: one whose lease has ended meanwhile registers anew and tells all again. */
    void renewLease(Node node) {
        change(() -> {
            requireOpen(node);
            renew(node);
        });
    }

    /** A node is taken for dead: what it told is void. It may be alive, and then learns of it when it next calls. */
    void endLease(Node node) {
        change(() -> {
            if (!node.closed && node.fenced == null) {
                node.fenced = takeBack(node);
            }
        });
    }

    void close(Node node) {
        change(() -> {
            if (node.closed) {
                return;
            }
            if (node.fenced == null) {
                takeBack(node);
            }
            node.fenced = null;
            node.closed = true;
            nodes.remove(node);
            tellLater(node, PresenceStore.Listener::onClosing);
        });
    }

    /** The answer of a room, or what holds where there is none. */
    <T> T read(Node node, Channel channel, java.util.function.Function<PresenceRoom, T> question, T none) {
        lock.lock();
        try {
            requireOpen(node);
            PresenceRoom room = room(channel);
            return room == null ? none : question.apply(room);
        } finally {
            lock.unlock();
        }
    }

    Map<String, Integer> occupied(Node node, String app, String prefix) {
        lock.lock();
        try {
            requireOpen(node);
            Map<String, Integer> found = new LinkedHashMap<>();
            NavigableMap<String, PresenceRoom> rooms = apps.get(app);
            if (rooms == null) {
                return found;
            }
            for (Map.Entry<String, PresenceRoom> entry :
                    rooms.tailMap(prefix, true).entrySet()) {
                if (!entry.getKey().startsWith(prefix)) {
                    break;
                }
                int subscribers = entry.getValue().subscribers();
                if (subscribers > 0) {
                    found.put(entry.getKey(), subscribers);
                }
            }
            return found;
        } finally {
            lock.unlock();
        }
    }

    private void change(Runnable decision) {
        boolean mine;
        lock.lock();
        try {
            decision.run();
            mine = !telling && !decided.isEmpty();
            telling |= mine;
        } finally {
            lock.unlock();
        }
        if (mine) {
            tell();
        }
    }

    private void tell() {
        for (Telling next = next(); next != null; next = next()) {
            try {
                next.call().accept(next.listener());
            } catch (Throwable e) { // or nobody would tell any more
                LOG.log(Level.ERROR, "A listener of the presence store failed", e);
            }
        }
    }

    private @Nullable Telling next() {
        lock.lock();
        try {
            Telling next = decided.poll();
            telling = next != null;
            return next;
        } finally {
            lock.unlock();
        }
    }

    private static void requireOpen(Node node) {
        if (node.closed || node.listener == null) {
            throw new UnavailableException("the presence store is " + (node.closed ? "closed" : "not started"));
        }
    }

    private void renew(Node node) {
        List<Told> again = node.fenced;
        if (again == null) {
            return;
        }
        node.fenced = null;
        for (Told told : again) {
            told.members().forEach(member -> apply(node, node, told.channel(), member));
            apply(node, node, told.channel(), told.subscribers());
        }
    }

    private List<Told> takeBack(Node node) {
        List<Told> all = new ArrayList<>();
        apps.forEach((app, rooms) -> rooms.forEach((name, room) -> {
            List<Member> members = room.told(node);
            int subscribers = room.subscribers(node);
            if (!members.isEmpty() || subscribers > 0) {
                all.add(new Told(new Channel(app, name), members, subscribers));
            }
        }));
        Node speaker = otherThan(node);
        for (Told told : all) {
            for (Member member : told.members()) {
                apply(node, speaker, told.channel(), new Member(member.subject(), member.meta(), 0));
            }
            apply(node, speaker, told.channel(), 0);
        }
        return all;
    }

    /** Who tells the world what follows from a node's end: another one, or itself if it is the last. */
    private Node otherThan(Node node) {
        for (Node other : nodes) {
            if (other != node && other.fenced == null) {
                return other;
            }
        }
        return node;
    }

    private void apply(Node node, Node speaker, Channel channel, Member member) {
        PresenceRoom room = roomFor(channel);
        Member before = room.told(node, member.subject());
        if (room.update(node, member)) {
            boolean joined = member.connections() > 0;
            // A leave says about the member what its join said.
            Member whole = joined || before == null ? member : new Member(member.subject(), before.meta(), 0);
            ChannelEvent event = joined ? new Join(channel, whole, false) : new Leave(channel, whole, false);
            for (Node each : nodes) {
                tellLater(each, listener -> listener.onPresence(event));
            }
            transition(speaker, joined ? Transition.Kind.JOINED : Transition.Kind.LEFT, channel, member.subject());
        }
        dropIfEmpty(channel, room);
    }

    private void apply(Node node, Node speaker, Channel channel, int subscribers) {
        PresenceRoom room = roomFor(channel);
        if (room.update(node, subscribers)) {
            Transition.Kind kind = subscribers > 0 ? Transition.Kind.OCCUPIED : Transition.Kind.VACATED;
            transition(speaker, kind, channel, "");
        }
        dropIfEmpty(channel, room);
    }

    private void transition(Node speaker, Transition.Kind kind, Channel channel, String subject) {
        String id = idPrefix + ++transitions;
        Transition transition = new Transition(id, kind, channel, subject, epochMillis.getAsLong());
        tellLater(speaker, listener -> listener.onTransition(transition));
    }

    private void tellLater(Node node, Consumer<PresenceStore.Listener> call) {
        PresenceStore.Listener listener = node.listener;
        if (listener != null) {
            decided.add(new Telling(listener, call));
        }
    }

    private @Nullable PresenceRoom room(Channel channel) {
        NavigableMap<String, PresenceRoom> rooms = apps.get(channel.app());
        return rooms == null ? null : rooms.get(channel.name());
    }

    private PresenceRoom roomFor(Channel channel) {
        return apps.computeIfAbsent(channel.app(), app -> new TreeMap<>())
                .computeIfAbsent(channel.name(), name -> new PresenceRoom());
    }

    private void dropIfEmpty(Channel channel, PresenceRoom room) {
        if (room.isEmpty()) {
            NavigableMap<String, PresenceRoom> rooms = apps.get(channel.app());
            if (rooms != null) {
                rooms.remove(channel.name());
            }
        }
    }
}
