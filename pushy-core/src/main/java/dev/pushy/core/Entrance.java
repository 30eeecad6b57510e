package dev.pushy.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Channels on their way to a live connection whose protocol answers before their first event. Confined to the loop.
 *
 * <pre>
 * acknowledged, a member -> rosters known -> markers heard -> retained messages known -> answer, what was held -> live
 *                                            `---------------- the output is held ----------------'
 * </pre>
 *
 * <p>Messages are cut off by the marker of their partition, as everywhere; joins and leaves by the roster, which passes
 * through the shard in their order. A link that breaks before the answer lets the held output go, and all begins again from
 * the markers; whoever is a member stays one.
 */
final class Entrance implements Detour {
    private static final long RETRY_MILLIS = 500;

    private final Subscriber subscriber;
    private final Set<ChannelPattern> patterns;
    private final Entry entry;
    private final Consumer<Entered> done;
    private final List<PartitionRead> reads = new ArrayList<>();
    private final Map<Channel, Membership> memberships = new HashMap<>();
    private final List<Subscription> joining = new ArrayList<>();
    private final RosterCut rosters;
    private final RetainedRead retained;
    private final HeldOutput held;
    private final Stepper stepper = new Stepper();
    private int admitted;
    private boolean full;
    private boolean pausing;
    private boolean answered;
    private boolean ended;

    Entrance(Subscriber subscriber, Set<ChannelPattern> patterns, Entry entry, Consumer<Entered> done) {
        this.subscriber = subscriber;
        this.patterns = patterns;
        this.entry = entry;
        this.done = done;
        this.held = new HeldOutput(subscriber, this);
        this.rosters = new RosterCut(subscriber, entry, this);
        this.retained = new RetainedRead(subscriber, entry.retained() ? patterns : Set.of(), reads, this, this::pause);
        for (int p = 0; p < subscriber.hub().sequencer().partitions(); p++) {
            if (!subscriber.subscriptions().on(p, patterns).isEmpty()) {
                reads.add(new PartitionRead(p, subscriber, this, this::proceed, this::beginAgain));
            }
        }
    }

    @Override
    public void start() {
        ended = false;
        pausing = true;
        for (ChannelPattern pattern : patterns) {
            boolean members = entry.concernsMembers() || subscriber.hub().hasMembers(pattern);
            Subscription subscription = subscriber.subscriptions().attach(pattern, members);
            joining.add(subscription);
            joinAs(entry.member(), subscription);
        }
        subscriber.subscriptions().awaitReady(joining, this);
        pausing = false;
        proceed();
    }

    private void joinAs(@Nullable Member member, Subscription subscription) {
        if (member != null) {
            subscription.self = member.subject();
            Channel channel = subscription.pattern.channel();
            if (!memberships.containsKey(channel)) {
                LocalPresence presence = subscriber.hub().presence();
                memberships.put(channel, presence.join(channel, member, entry.mostMembers(), this::onAdmission));
            }
            subscription.membership = memberships.get(channel);
        }
    }

    private void onAdmission(boolean fits) {
        subscriber.onLoop(() -> {
            admitted++;
            full |= !fits;
            proceed();
        });
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
        if (answered) {
            writeHeld();
        } else if (pausing) {
            return;
        } else if (full) {
            refuse();
        } else if (held.isTooMuch()) {
            giveWay();
        } else if (isReady() && rosters.take(joining) && PartitionRead.cut(reads)) {
            held.begin(subscriber.shard().cursor());
            if (retained.proceed()) {
                answer();
            }
        }
    }

    private boolean isReady() {
        return admitted == memberships.size() && Subscriptions.areReady(joining) && PartitionRead.canBegin(reads);
    }

    private void answer() {
        answered = true;
        subscriber.entered(joining, new Entered(false, rosters.told(), retained.found(held), retained.missing()), done);
        writeHeld();
    }

    private void writeHeld() {
        if (held.isTooMuch()) {
            giveWay();
        } else if (subscriber.writePage(this::writeNext, this::proceed)) {
            ended = true;
            subscriber.through();
        }
    }

    private boolean writeNext() {
        HeldOutput.Held next = held.poll();
        if (next != null) {
            held.write(next.item());
        }
        return next != null;
    }

    private void refuse() {
        held.release();
        abandon();
        done.accept(Entered.FULL);
        subscriber.through();
    }

    @Override
    public void onEvent(PreparedEvent event) {
        if (ended || subscriber.isExcepted(event)) {
            return;
        }
        boolean shared = subscriber.subscriptions().matches(event.event.channel());
        if (isBehindCut(event) || (shared && held.isHolding())) {
            held.add(event, shared);
        } else if (shared) {
            subscriber.append(event);
            subscriber.shard().touch(subscriber);
        }
    }

    private boolean isBehindCut(PreparedEvent event) {
        if (rosters.isWanted() && event.event instanceof MemberEvent) {
            return rosters.holds(event.event.channel());
        }
        return event.partition < 0 ? held.isHolding() : PartitionRead.isMarked(reads, event.partition);
    }

    @Override
    public void onItem(Item item) {
        if (ended) {
            return;
        }
        if (item instanceof Item.Rostered told) {
            if (rosters.onRoster(told)) {
                proceed();
            }
        } else if (item instanceof Item.Marked mark) {
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
        if (retained.onMarker(mark)) {
            proceed();
        }
    }

    private void onLink(Item.Linked link) {
        if (link.up()) {
            proceed();
        } else if (!answered && isOn(link.partition())) {
            beginAgain();
        }
    }

    private void beginAgain() {
        held.release();
        forgetCut();
    }

    /** The retained messages cannot be read: the output goes on until that is tried again. */
    private void pause() {
        beginAgain();
        pausing = true;
        long delay = RETRY_MILLIS + ThreadLocalRandom.current().nextLong(RETRY_MILLIS);
        subscriber
                .connection()
                .loop()
                .schedule(
                        () -> {
                            pausing = false;
                            proceed();
                        },
                        delay);
    }

    private boolean isOn(int partition) {
        for (PartitionRead read : reads) {
            if (read.partition == partition) {
                return true;
            }
        }
        return false;
    }

    private void forgetCut() {
        reads.forEach(PartitionRead::reset);
        retained.reset();
        rosters.reset();
    }

    /** Too much was held, or the loop lost events: the connection reads on from the log; without an answer this follows. */
    private void giveWay() {
        Cursor from = cursor();
        ended = true;
        held.giveUp(answered);
        if (!answered) {
            detach();
            subscriber.retryAfterwards(this);
        }
        subscriber.recoverFrom(from);
    }

    private void detach() {
        forgetCut();
        joining.forEach(subscriber.subscriptions()::detach);
        joining.clear();
    }

    @Override
    public @Nullable Cursor cursor() {
        return held.cursor();
    }

    @Override
    public void restart() {
        giveWay();
    }

    /** The connection has ended, or a channel was full. What is answered is the subscriber's. */
    @Override
    public void abandon() {
        if (!answered) {
            memberships.values().forEach(Membership::leave);
            memberships.clear();
            detach();
        }
        ended = true;
    }
}
