package dev.pushy.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The part of the hub that belongs to one event loop: its subscribers, and the events that wait for them.
 *
 * <p>Confined to its loop, but for {@link #mailbox} and {@link #wake}. Invariants:
 *
 * <ul>
 *   <li>{@link #cursor} is the node's cursor behind the last item taken from the mailbox: the position of every subscriber
 *       without a detour.
 *   <li>A run takes everything that waits, hands it to the connections, then flushes each touched one once. What comes in
 *       meanwhile is grouped into the next run. So N publications cost one wake-up, and one write for each connection.
 *   <li>Publications that follow one another and go to the same connections are handed out together: each connection is
 *       looked at once for all of them.
 *   <li>Those behind which nothing waits are written while they are handed out, past the connections' queues. As soon as
 *       something comes in meanwhile, the connections whose turn has not come get both in one write.
 *   <li>When the time of its {@link Pace} is up, the loop yields to reads and timers, and goes on where it stopped.
 *   <li>Groups do not change while an event is handed out: connections tell of their end in a task of its own.
 * </ul>
 */
final class HubShard {
    private static final System.Logger LOG = System.getLogger(HubShard.class.getName());
    private static final int ITEMS_BETWEEN_LOOKS = 128;
    private static final int FLUSHES_BETWEEN_LOOKS = 64;
    private static final int TIMED_EVENTS = 1_024;
    /** So many connections are looked at before the first of them is written to: the processor fetches them together. */
    private static final int HANDFUL = 16;

    private final EventLoop loop;
    private final int index;
    private final Mailbox mailbox;
    private final HubCounters counters;
    private final Pace pace;
    private final AtomicBoolean awake = new AtomicBoolean();
    private final Map<Interest, List<SubscriberGroup>> groups = new HashMap<>();
    private final List<Subscriber> subscribers = new ArrayList<>();
    private final Set<Detour> detours = new LinkedHashSet<>();
    private final Map<Long, Detour> readers = new HashMap<>();
    private final ArrayDeque<Detour> changed = new ArrayDeque<>();
    private final List<Subscriber> owedCheckpoints = new ArrayList<>();
    private final Map<WireFormat, Heartbeat> heartbeats = new HashMap<>();
    private final long[] acceptedNanos = new long[TIMED_EVENTS];

    private @Nullable Subscriber[] touched = new @Nullable Subscriber[64];
    private int touchedCount;
    private int flushed;
    private int events;
    private int timed;
    /** What was taken from the mailbox and is to be handed out together. */
    private final PreparedBurst burst = new PreparedBurst();
    /** Nothing waits behind what is at hand, and there is time. */
    private boolean last;

    private final @Nullable Subscriber[] handful = new @Nullable Subscriber[HANDFUL];
    private int inHand;

    private boolean resting;
    private @Nullable Cursor cursor;

    HubShard(EventLoop loop, int index, Limits limits, HubCounters counters, HubTimers timers) {
        this.loop = loop;
        this.index = index;
        this.mailbox = new Mailbox(limits.mailbox());
        this.counters = counters;
        this.pace = new Pace(limits.flushGap(), timers);
    }

    /** Where the node stood when the shard was made; before anything is offered. */
    void begin(@Nullable Cursor start) {
        cursor = start;
    }

    EventLoop loop() {
        return loop;
    }

    int index() {
        return index;
    }

    HubCounters counters() {
        return counters;
    }

    @Nullable
    Cursor cursor() {
        return cursor;
    }

    /** Where the sequencer puts what is for this loop. */
    Mailbox mailbox() {
        return mailbox;
    }

    /** There is something in the mailbox. Any thread; many calls make one task. */
    void wake() {
        if (awake.compareAndSet(false, true)) {
            counters.wakeups.increment();
            loop.execute(this::run);
        }
    }

    private void run() {
        awake.set(false);
        if (resting) {
            return;
        }
        long wait = pace.waitMillis();
        if (wait > 0) {
            rest(wait);
            return;
        }
        pace.begin();
        if (flushed == touchedCount) {
            takeAll();
        }
        flush();
    }

    /** Lets reads and timers go before the next run. */
    private void rest(long millis) {
        resting = true;
        loop.schedule(
                () -> {
                    resting = false;
                    run();
                },
                millis);
    }

    private void takeAll() {
        boolean late;
        do {
            takeSome();
            late = pace.isLate();
            handOut(mailbox.isEmpty() && !late);
        } while (!mailbox.isEmpty() && !late);
        if (mailbox.isEmpty() && mailbox.hasOverflowed()) {
            recoverAll();
        }
    }

    private void takeSome() {
        for (int i = 0; i < ITEMS_BETWEEN_LOOKS; i++) {
            Item item = mailbox.poll();
            if (item == null) {
                return;
            }
            take(item);
        }
    }

    /** A publication waits for those behind it which go to the same connections. A detour takes them one by one. */
    private void take(Item item) {
        if (item instanceof PreparedEvent event && event.publication != null) {
            if (!detours.isEmpty() || !burst.add(event)) {
                handOut(false);
                burst.add(event);
            }
            return;
        }
        handOut(false);
        try {
            pass(item);
            proceed();
        } catch (RuntimeException failed) {
            LOG.log(System.Logger.Level.ERROR, "an event could not be handed out", failed);
        }
    }

    private void handOut(boolean nothingWaits) {
        if (burst.size() == 0) {
            return;
        }
        last = nothingWaits;
        try {
            deliver();
            proceed();
        } catch (RuntimeException failed) {
            LOG.log(System.Logger.Level.ERROR, "an event could not be handed out", failed);
        } finally {
            burst.clear();
        }
    }

    private void pass(Item item) {
        moveTo(item.cursor());
        if (item instanceof PreparedEvent event) {
            tellOfMember(event);
        } else if (item instanceof Item.Marked mark) {
            Detour reader = readers.remove(mark.marker());
            if (reader != null) {
                reader.onItem(mark);
            }
        } else if (item instanceof Item.Rostered told) {
            told.request().asker.onItem(told);
        } else {
            passToAll(item);
        }
    }

    private void moveTo(@Nullable Cursor moved) {
        if (moved != null) {
            cursor = moved;
        }
    }

    private void passToAll(Item item) {
        if (item instanceof Item.Loss loss) {
            tellLoss(loss);
        }
        for (Detour detour : List.copyOf(detours)) {
            detour.onItem(item);
        }
        if (item instanceof Item.Moved && !owedCheckpoints.isEmpty()) {
            owedCheckpoints.forEach(Subscriber::checkpoint);
            owedCheckpoints.clear();
        }
    }

    /** Groups are left alone while an event is handed out; what it sets off comes here. */
    private void proceed() {
        for (Detour detour = changed.poll(); detour != null; detour = changed.poll()) {
            detour.proceed();
        }
    }

    private void deliver() {
        for (int i = 0; i < burst.size(); i++) {
            PreparedEvent event = burst.event(i);
            moveTo(event.cursor());
            time(event);
        }
        for (Interest interest : burst.last().interests) {
            for (SubscriberGroup group : groups.getOrDefault(interest, List.of())) {
                deliver(group);
            }
        }
    }

    private void time(PreparedEvent event) {
        events++;
        if (timed < TIMED_EVENTS) {
            acceptedNanos[timed++] = event.nanos;
        }
    }

    private void deliver(SubscriberGroup group) {
        @Nullable Subscription[] members = group.members();
        Burst frames = null;
        boolean encoded = false;
        long delivered = 0;
        try {
            for (int i = 0; i < group.size(); i++) {
                Subscriber subscriber = requireMember(members[i]).subscriber;
                if (!subscriber.takes(burst)) {
                    continue;
                }
                if (!encoded) {
                    frames = burst.frames(group.format);
                    encoded = true;
                }
                if (frames != null) {
                    delivered += frames.size();
                    hand(subscriber, frames);
                }
            }
        } finally {
            if (frames != null) {
                writeHandful(frames);
            }
        }
        counters.deliveries.add(delivered);
    }

    private void hand(Subscriber subscriber, Burst frames) {
        if (last && subscriber.connection().backlog() == 0) {
            handful[inHand++] = subscriber;
            if (inHand == HANDFUL) {
                writeHandful(frames);
            }
        } else {
            append(subscriber, frames);
        }
    }

    private void writeHandful(Burst frames) {
        int count = inHand;
        inHand = 0;
        for (int i = 0; i < count; i++) {
            Subscriber subscriber = Objects.requireNonNull(handful[i]);
            handful[i] = null;
            if (!subscriber.connection().writeNow(frames)) {
                append(subscriber, frames);
            }
        }
        last = last && mailbox.isEmpty() && !pace.isLate();
    }

    private void append(Subscriber subscriber, Burst frames) {
        for (int i = 0; i < frames.size(); i++) {
            subscriber.connection().append(frames.frame(i), frames.publication(i));
        }
        touch(subscriber);
    }

    /** Somebody came or went: told to all but those whose own member it is. */
    private void tellOfMember(PreparedEvent event) {
        time(event);
        String subject = ((MemberEvent) event.event).member().subject();
        for (Interest interest : event.interests) {
            for (SubscriberGroup group : groups.getOrDefault(interest, List.of())) {
                tellOfMember(event, subject, group);
            }
        }
    }

    private void tellOfMember(PreparedEvent event, String subject, SubscriberGroup group) {
        @Nullable Subscription[] members = group.members();
        for (int i = 0; i < group.size(); i++) {
            Subscription subscription = requireMember(members[i]);
            Subscriber subscriber = subscription.subscriber;
            if (subject.equals(subscription.self)) {
                subscriber.passOver(event);
            } else if (subscriber.takesMember(event)) {
                subscriber.append(event);
                touch(subscriber);
            }
        }
    }

    private static Subscription requireMember(@Nullable Subscription member) {
        if (member == null) {
            throw new IllegalStateException("a group has a hole");
        }
        return member;
    }

    /** Has the subscriber's connection flushed at the end of the run. */
    void touch(Subscriber subscriber) {
        if (subscriber.touched) {
            return;
        }
        subscriber.touched = true;
        if (touchedCount == touched.length) {
            touched = Arrays.copyOf(touched, touchedCount * 2);
        }
        touched[touchedCount++] = subscriber;
    }

    private void flush() {
        while (flushed < touchedCount) {
            Subscriber subscriber = touched[flushed];
            touched[flushed++] = null;
            if (subscriber != null) {
                subscriber.touched = false;
                subscriber.connection().flush();
            }
            if (flushed % FLUSHES_BETWEEN_LOOKS == 0 && pace.isLate()) {
                rest(1);
                return;
            }
        }
        touchedCount = 0;
        flushed = 0;
        noteFlush();
        if (!mailbox.isEmpty() || mailbox.hasOverflowed()) {
            rest(1);
        }
    }

    private void noteFlush() {
        long now = pace.end(events);
        events = 0;
        for (int i = 0; i < timed; i++) {
            counters.latency(now - acceptedNanos[i]);
        }
        timed = 0;
    }

    /** A loss in what the node heard: told to every connection that it concerns, a checkpoint behind it. */
    private void tellLoss(Item.Loss loss) {
        for (Subscriber subscriber : subscribers) {
            if (!subscriber.hasDetour() && subscriber.tellLoss(loss)) {
                owedCheckpoints.add(subscriber);
            }
        }
    }

    /** The mailbox was full: as after a broken link, each connection reads on from where it stands. */
    private void recoverAll() {
        LOG.log(
                System.Logger.Level.WARNING,
                "a loop fell behind by more than its mailbox holds; its {0} connections recover from the log",
                subscribers.size());
        List<PreparedEvent> members = mailbox.reopen();
        for (Subscriber subscriber : List.copyOf(subscribers)) {
            subscriber.recoverAgain();
        }
        members.forEach(this::tellOfMember);
        proceed();
    }

    // Subscribers.

    void add(Subscriber subscriber) {
        subscriber.place = subscribers.size();
        subscribers.add(subscriber);
    }

    void remove(Subscriber subscriber) {
        Subscriber last = subscribers.remove(subscribers.size() - 1);
        if (last != subscriber) {
            last.place = subscriber.place;
            subscribers.set(subscriber.place, last);
        }
    }

    List<Subscriber> subscribers() {
        return List.copyOf(subscribers);
    }

    /** The detour has something to do as soon as the event at hand has been handed out. */
    void changed(Detour detour) {
        changed.add(detour);
    }

    void begin(Detour detour) {
        detours.add(detour);
    }

    void end(Detour detour) {
        detours.remove(detour);
    }

    /** A loss was told: a checkpoint follows as soon as the node stands behind it. */
    void owesCheckpoint(Subscriber subscriber) {
        owedCheckpoints.add(subscriber);
    }

    /** Whoever reads from the log hears its own marker. */
    void awaitMarker(long marker, Detour reader) {
        readers.put(marker, reader);
    }

    void forgetMarker(long marker) {
        readers.remove(marker);
    }

    SubscriberGroup group(Interest interest, WireFormat format) {
        List<SubscriberGroup> formats = groups.computeIfAbsent(interest, wanted -> new ArrayList<>(1));
        for (SubscriberGroup group : formats) {
            if (group.format == format) {
                return group;
            }
        }
        SubscriberGroup made = new SubscriberGroup(format);
        formats.add(made);
        return made;
    }

    void removeIfEmpty(Interest interest, SubscriberGroup group) {
        if (group.size() == 0) {
            List<SubscriberGroup> formats = groups.get(interest);
            if (formats != null && formats.remove(group) && formats.isEmpty()) {
                groups.remove(interest);
            }
        }
    }

    /** The heartbeat of a format with this cursor: made once for all connections that stand there. */
    byte @Nullable [] heartbeat(WireFormat format, @Nullable Cursor at) {
        Heartbeat made = heartbeats.get(format);
        if (made == null || !Objects.equals(made.cursor, at)) {
            made = new Heartbeat(at, format.heartbeat(at));
            heartbeats.put(format, made);
        }
        return made.frame;
    }

    /** The last heartbeat of a format. */
    private static final class Heartbeat {
        private final @Nullable Cursor cursor;
        private final byte @Nullable [] frame;

        private Heartbeat(@Nullable Cursor cursor, byte @Nullable [] frame) {
            this.cursor = cursor;
            this.frame = frame;
        }
    }
}
