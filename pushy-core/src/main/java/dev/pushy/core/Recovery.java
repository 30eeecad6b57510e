package dev.pushy.core;

import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A connection on its way to being live on all its subscriptions: when it opens, and again when its loop lost events.
 * Confined to the loop.
 *
 * <p>Each partition by itself: interest acknowledged and the node in sync, then a read with a marker, then the replay with
 * cursors of the connection's own (this partition at the message, the others where the connection stands), then what
 * queued up behind the marker, then live. When all are live the connection goes over to the shared frames.
 *
 * <p>Replay and queue are written page by page as the socket drains, so that a long replay is not taken for a slow consumer.
 * What queues up is bounded like a backlog; beyond that it is dropped and read again.
 */
final class Recovery implements Detour {
    private final Subscriber subscriber;
    private final boolean opening;
    private final Resume resume;
    private final Part[] parts;
    private final @Nullable Position[] positions;
    private final Stepper stepper = new Stepper();
    private boolean known;
    private int queuedBytes;
    private boolean ended;

    private Recovery(Subscriber subscriber, boolean opening, Resume resume) {
        this.subscriber = subscriber;
        this.opening = opening;
        this.resume = resume;
        int partitions = subscriber.hub().sequencer().partitions();
        this.positions = new @Nullable Position[partitions];
        this.parts = new Part[partitions];
        this.known = resume instanceof Resume.After;
        for (int p = 0; p < partitions; p++) {
            parts[p] = new Part(p);
            if (resume instanceof Resume.After after) {
                positions[p] = after.cursor().position(p);
            }
        }
    }

    static Recovery opening(Subscriber subscriber, Resume resume) {
        return new Recovery(subscriber, true, resume);
    }

    static Recovery onwards(Subscriber subscriber, @Nullable Cursor from) {
        return new Recovery(subscriber, false, from == null ? Resume.NOW : new Resume.After(from));
    }

    @Override
    public void start() {
        subscriber.subscriptions().awaitReady(subscriber.subscriptions().all(), this);
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
        boolean ready = Subscriptions.areReady(subscriber.subscriptions().all());
        for (Part part : parts) {
            part.askIfReady(ready);
        }
        int budget = Subscriber.MESSAGES_PER_TURN;
        boolean room = true;
        while (room && budget > 0) {
            int before = budget;
            for (Part part : parts) {
                budget = part.write(budget);
            }
            subscriber.connection().flush();
            room = subscriber.hasRoom();
            if (budget == before) {
                break;
            }
        }
        if (ready && isLive()) {
            finish();
        } else if (budget <= 0) {
            subscriber.connection().loop().schedule(this::proceed, 1);
        }
    }

    private boolean isLive() {
        for (Part part : parts) {
            if (!part.isLive() || !part.queue.isEmpty()) {
                return false;
            }
        }
        return true;
    }

    private void finish() {
        ended = true;
        subscriber.live(opening, cursor(), known);
    }

    @Override
    public void onEvent(PreparedEvent event) {
        if (parts.length == 0 || ended) {
            return;
        }
        Part part = parts[event.partition];
        if (part.read.isMarked() && !subscriber.isExcepted(event)) {
            enqueue(part, event);
        } else if (isToldAnyway(event)) {
            subscriber.append(event);
            subscriber.shard().touch(subscriber);
        }
    }

    /** Who comes and goes is not in the log: a connection that was told who is there hears of it all the same. */
    private boolean isToldAnyway(Item item) {
        return !opening && item instanceof PreparedEvent event && event.event instanceof MemberEvent;
    }

    @Override
    public void onItem(Item item) {
        if (ended) {
            return;
        }
        if (item instanceof Item.Marked mark) {
            Part part = parts[mark.partition()];
            if (part.read.onMarker(mark)) {
                proceed();
            }
        } else if (item instanceof Item.Linked link && link.partition() >= 0) {
            parts[link.partition()].onLink(link.up());
        } else {
            onLossOrMove(item);
        }
    }

    private void onLossOrMove(Item item) {
        for (Part part : parts) {
            boolean concerned = !(item instanceof Item.Loss loss) || loss.partition() == part.partition;
            if (concerned && part.read.isMarked()) {
                enqueue(part, item);
            }
        }
    }

    private void enqueue(Part part, Item item) {
        part.queue.add(item);
        queuedBytes += size(item);
        if (queuedBytes > subscriber.hub().limits().backlogBytes()) {
            reset();
        }
        subscriber.shard().changed(this);
    }

    private static int size(Item item) {
        Publication publication = item instanceof PreparedEvent event ? event.publication : null;
        return 64 + (publication == null ? 0 : publication.data().length);
    }

    @Override
    public @Nullable Cursor cursor() {
        return parts.length == 0 ? null : Cursor.ofKnown(positions);
    }

    @Override
    public void restart() {
        reset();
        proceed();
    }

    private void reset() {
        for (Part part : parts) {
            part.reset();
        }
    }

    @Override
    public void abandon() {
        ended = true;
        for (Part part : parts) {
            part.read.reset();
            part.queue.clear();
        }
    }

    /** One partition. */
    private final class Part {
        final int partition;
        final PartitionRead read;
        final ArrayDeque<Item> queue = new ArrayDeque<>(0);
        private boolean announced;
        private boolean replayed;
        private boolean owesCheckpoint;

        Part(int partition) {
            this.partition = partition;
            this.read = new PartitionRead(partition, subscriber, Recovery.this, Recovery.this::proceed, this::reset);
        }

        boolean isLive() {
            return replayed && read.isMarked();
        }

        void askIfReady(boolean subscriptionsReady) {
            boolean ready = subscriptionsReady
                    && !read.wasAsked()
                    && subscriber.hub().sequencer().feed(partition).isInSync();
            if (ready) {
                announced = false;
                replayed = false;
                read.ask(
                        resume, positions[partition], subscriber.subscriptions().on(partition));
            }
        }

        /** Writes what can be written, at most so many messages; answers how many are left of them. */
        int write(int budget) {
            int left = budget;
            Replay replay = read.replay();
            if (replay != null && !replayed) {
                left = writeReplay(replay, left);
            }
            while (isLive() && left > 0 && !queue.isEmpty() && subscriber.hasRoom()) {
                Item item = queue.remove();
                queuedBytes -= size(item);
                write(item);
                left--;
            }
            return left;
        }

        private int writeReplay(Replay replay, int budget) {
            int left = budget;
            announce(replay);
            while (left > 0 && !replay.isDone() && subscriber.hasRoom()) {
                Publication publication = replay.next();
                positions[partition] = publication.position();
                subscriber.append(publication, cursor(), null);
                left--;
            }
            if (replay.isDone()) {
                replayed = true;
                positions[partition] = replay.end();
                if (replay.reason() != null) {
                    checkpoint();
                }
                left--;
            }
            return left;
        }

        /** Every loss stands before the first cursor that covers it. */
        private void announce(Replay replay) {
            if (announced) {
                return;
            }
            announced = true;
            Gap.Reason reason = replay.reason();
            List<ChannelPattern> asked = subscriber.subscriptions().on(partition);
            if (reason != null) {
                known &= reason != Gap.Reason.RESET;
                subscriber.gap(Subscriptions.names(asked), reason);
            }
            subscriber.gap(replay.lostChannels(asked), Gap.Reason.EXPIRED);
        }

        private void write(Item item) {
            Cursor node = item.cursor();
            if (item instanceof PreparedEvent event) {
                Publication publication = event.publication;
                if (publication != null && publication.position().isLogged()) {
                    positions[partition] = publication.position();
                }
                subscriber.append(event, cursor(), null);
            } else if (item instanceof Item.Loss loss) {
                owesCheckpoint |= subscriber.tellLoss(loss);
            } else if (item instanceof Item.Moved && node != null) {
                positions[partition] = node.position(partition);
                if (owesCheckpoint) {
                    owesCheckpoint = false;
                    checkpoint();
                }
            }
        }

        private void checkpoint() {
            subscriber.checkpoint();
        }

        void onLink(boolean up) {
            if (up) {
                proceed();
            } else if (!read.isComplete()) {
                reset();
            }
        }

        void reset() {
            for (Item item : queue) {
                queuedBytes -= size(item);
                if (isToldAnyway(item)) {
                    write(item);
                    subscriber.shard().touch(subscriber);
                }
            }
            queue.clear();
            read.reset();
        }
    }
}
