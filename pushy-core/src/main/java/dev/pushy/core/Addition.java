package dev.pushy.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Subscriptions on their way to a connection that is live already. Confined to the loop.
 *
 * <p>From the first marker on the connection's output is held. Then the replay is written without cursors, each message with
 * the subscriptions' own one to ask again with; then what was held, where what only the new subscriptions match is written
 * likewise, and only from behind its partition's marker; then the answer, with a checkpoint. A link that breaks before that
 * lets the held output go, and all begins again.
 */
final class Addition implements Detour {
    private final Subscriber subscriber;
    private final Set<ChannelPattern> patterns;
    private final Resume since;
    private final boolean sinceIgnored;
    private final Consumer<Subscriber.Added> done;
    private final List<Subscription> joining = new ArrayList<>();
    private final List<PartitionRead> reads = new ArrayList<>();
    private final HeldOutput held;
    private final @Nullable Position[] own;
    private final Stepper stepper = new Stepper();
    private boolean announced;
    private boolean ended;

    Addition(
            Subscriber subscriber,
            Set<ChannelPattern> patterns,
            Resume since,
            boolean sinceIgnored,
            Consumer<Subscriber.Added> done) {
        this.subscriber = subscriber;
        this.patterns = patterns;
        this.since = since;
        this.sinceIgnored = sinceIgnored;
        this.done = done;
        this.held = new HeldOutput(subscriber, this);
        int partitions = subscriber.hub().sequencer().partitions();
        this.own = new @Nullable Position[partitions];
        for (int p = 0; p < partitions; p++) {
            if (since instanceof Resume.After after) {
                own[p] = after.cursor().position(p);
            }
            if (!patternsOn(p).isEmpty()) {
                reads.add(new PartitionRead(p, subscriber, this, this::proceed, this::beginAgain));
            }
        }
    }

    private List<ChannelPattern> patternsOn(int partition) {
        return subscriber.subscriptions().on(partition, patterns);
    }

    @Override
    public void start() {
        ended = false;
        for (ChannelPattern pattern : patterns) {
            joining.add(subscriber.subscriptions().attach(pattern));
        }
        subscriber.subscriptions().awaitReady(joining, this);
        proceed();
    }

    @Override
    public void proceed() {
        stepper.step(() -> {
            if (!ended && !subscriber.isClosed()) {
                pump();
            }
        });
    }

    private void pump() {
        if (held.isTooMuch()) {
            giveWay();
            return;
        }
        if (!isReady()) {
            return;
        }
        boolean complete = true;
        for (PartitionRead read : reads) {
            if (!read.wasAsked()) {
                read.ask(since, own[read.partition], patternsOn(read.partition));
            }
            complete &= read.isComplete();
        }
        if (complete && write()) {
            finish();
        }
    }

    private boolean isReady() {
        return Subscriptions.areReady(joining) && PartitionRead.canBegin(reads);
    }

    /** Writes a page. True when all is written. */
    private boolean write() {
        announce();
        return subscriber.writePage(() -> writeMissed() || writeHeld(), this::proceed);
    }

    private void announce() {
        if (announced) {
            return;
        }
        announced = true;
        for (PartitionRead read : reads) {
            Replay replay = read.replay();
            List<ChannelPattern> asked = patternsOn(read.partition);
            if (replay != null && replay.reason() != null) {
                subscriber.gap(Subscriptions.names(asked), replay.reason());
            }
            if (replay != null) {
                subscriber.gap(replay.lostChannels(asked), Gap.Reason.EXPIRED);
            }
        }
    }

    private boolean writeMissed() {
        for (PartitionRead read : reads) {
            Replay replay = read.replay();
            if (replay != null && !replay.isDone()) {
                Publication publication = replay.next();
                if (!subscriber.subscriptions().matches(publication.channel())) {
                    own[read.partition] = publication.position();
                    subscriber.append(publication, null, Cursor.ofKnown(own));
                }
                return true;
            }
            if (replay != null) {
                own[read.partition] = later(own[read.partition], replay.end());
            }
        }
        return false;
    }

    private static Position later(@Nullable Position at, Position end) {
        if (at == null || at.epoch() != end.epoch()) {
            return end;
        }
        return at.offset() > end.offset() ? at : end;
    }

    private boolean writeHeld() {
        HeldOutput.Held next = held.poll();
        if (next == null) {
            return false;
        }
        if (next.item() instanceof PreparedEvent event && !next.shared()) {
            Publication publication = event.publication;
            if (publication != null && publication.position().isLogged()) {
                own[event.partition] = publication.position();
            }
            subscriber.append(event, null, Cursor.ofKnown(own));
        } else {
            held.write(next.item());
        }
        return true;
    }

    private void finish() {
        ended = true;
        subscriber.added(joining, new Subscriber.Added(subscriber.shard().cursor(), sinceIgnored), done);
    }

    @Override
    public void onEvent(PreparedEvent event) {
        if (ended || subscriber.isExcepted(event)) {
            return;
        }
        boolean shared = subscriber.subscriptions().matches(event.event.channel());
        if (!held.isHolding()) {
            if (shared) {
                subscriber.append(event);
                subscriber.shard().touch(subscriber);
            }
        } else if (shared || PartitionRead.isMarked(reads, event.partition)) {
            held.add(event, shared);
        }
    }

    @Override
    public void onItem(Item item) {
        if (ended) {
            return;
        }
        if (item instanceof Item.Marked mark) {
            onMarker(mark);
        } else if (item instanceof Item.Linked link) {
            onLink(link);
        } else if (item instanceof Item.Loss loss) {
            held.add(loss);
        }
    }

    private void onMarker(Item.Marked mark) {
        for (PartitionRead read : reads) {
            if (read.onMarker(mark)) {
                held.begin(mark.cursor());
                proceed();
                return;
            }
        }
    }

    private void onLink(Item.Linked link) {
        if (link.up()) {
            proceed();
            return;
        }
        for (PartitionRead read : reads) {
            if (read.partition == link.partition() && !read.isComplete()) {
                beginAgain();
                return;
            }
        }
    }

    /** A link broke before its marker: what was held goes out, and the reads are made again. */
    private void beginAgain() {
        held.release();
        announced = false;
        reads.forEach(PartitionRead::reset);
    }

    /** Too much was held, or the loop lost events: the connection reads on from the log, then this is made again. */
    private void giveWay() {
        Cursor from = cursor();
        held.giveUp(false);
        abandon();
        announced = false;
        subscriber.retryAfterwards(this);
        subscriber.recoverFrom(from);
    }

    @Override
    public @Nullable Cursor cursor() {
        return held.cursor();
    }

    @Override
    public void restart() {
        giveWay();
    }

    @Override
    public void abandon() {
        ended = true;
        reads.forEach(PartitionRead::reset);
        joining.forEach(subscriber.subscriptions()::detach);
        joining.clear();
    }
}
