package dev.pushy.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
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
 *   <li>{@link #cursor} is the node's cursor behind the last item handed out: the position of every subscriber without a
 *       detour.
 *   <li>A run takes everything that waits, also what comes in meanwhile, hands it to the connections, then flushes each
 *       touched one once. What comes in during the flushes is for the next run. So N publications cost one wake-up, and one
 *       write for each connection.
 *   <li>Publications that follow one another and go to the same connections are handed out together: each connection is
 *       looked at once for all of them.
 *   <li>When the time of its {@link Pace} is up, the loop yields to reads and timers, and goes on where it stopped.
 * </ul>
 */
final class HubShard {
    private static final System.Logger LOG = System.getLogger(HubShard.class.getName());
    private static final int ITEMS_BETWEEN_LOOKS = PreparedBurst.CAPACITY;

    private final EventLoop loop;
    private final int index;
    private final Mailbox mailbox;
    private final HubCounters counters;
    private final Pace pace;
    private final AtomicBoolean awake = new AtomicBoolean();
    private final FlushQueue flushes;
    private final FanOut fanOut;
    private final List<Subscriber> subscribers = new ArrayList<>();
    private final Set<Detour> detours = new LinkedHashSet<>();
    private final Map<Long, Detour> readers = new HashMap<>();
    private final ArrayDeque<Detour> changed = new ArrayDeque<>();
    private final List<Subscriber> owedCheckpoints = new ArrayList<>();
    private final Map<WireFormat, Heartbeat> heartbeats = new HashMap<>();
    /** What was taken from the mailbox and is to be handed out together. */
    private final PreparedBurst burst = new PreparedBurst();

    private boolean resting;
    private @Nullable Cursor cursor;

    HubShard(EventLoop loop, int index, Limits limits, HubCounters counters, HubTimers timers) {
        this.loop = loop;
        this.index = index;
        this.mailbox = new Mailbox(limits.mailbox());
        this.counters = counters;
        this.pace = new Pace(limits.flushGap(), timers);
        this.flushes = new FlushQueue(pace, counters);
        this.fanOut = new FanOut(mailbox, pace, flushes, counters);
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
        if (flushes.isEmpty()) {
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
        do {
            takeSome();
            handOut(mailbox.isEmpty() && !pace.isLate());
        } while (!mailbox.isEmpty() && !pace.isLate());
        // In this order: nothing comes in any more once it has overflowed.
        if (mailbox.hasOverflowed() && mailbox.isEmpty()) {
            recoverAll();
        } else if (!mailbox.isEmpty()) {
            pace.fallBehind();
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

    /** A publication waits for those behind it which go to the same connections. */
    private void take(Item item) {
        if (item instanceof PreparedEvent event && event.publication != null) {
            if (!burst.add(event)) {
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
        moveTo(burst.cursor());
        try {
            fanOut.deliver(burst, nothingWaits);
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
            fanOut.tellOfMember(event);
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

    /** Has the subscriber's connection flushed at the end of the run. */
    void touch(Subscriber subscriber) {
        flushes.touch(subscriber);
    }

    private void flush() {
        boolean through = flushes.flush();
        if (!through || !mailbox.isEmpty() || mailbox.hasOverflowed()) {
            rest(1);
        }
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
        members.forEach(fanOut::tellOfMember);
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

    /** Who listens to what on this loop. */
    FanOut fanOut() {
        return fanOut;
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
