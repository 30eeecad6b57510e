package dev.pushy.core;

import dev.pushy.core.MessageLog.Branch;
import dev.pushy.core.MessageLog.Entry;
import dev.pushy.core.MessageLog.LogQuery;
import dev.pushy.core.MessageLog.LogSlice;
import dev.pushy.core.MessageLog.Start;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What this node hears of one partition, and how far it has heard it. Guarded by the sequencer's lock, but for
 * {@link #isInSync}.
 *
 * <pre>
 * DOWN -- link is up --> RECOVERING -- slice read and marker heard --> IN_SYNC
 *  ^________________________|____ link broke, or the log went back ________|
 * </pre>
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>The position moves with what is handed out, and while IN_SYNC with markers. It never goes back but behind an
 *       announced loss of the whole partition.
 *   <li>While RECOVERING it stands still. Events before the marker are dropped, since the slice has them; those behind it
 *       wait for the slice.
 *   <li>{@code Interest.since} says from where on every message of the interest has come here. {@link #floor} cuts it off
 *       after a loss. Only where it reaches back to the fork may the messages between the fork and what was handed out be
 *       delivered again: never twice comes before all that is retained.
 * </ul>
 */
final class PartitionFeed {
    /** Aside are set the rings from before the last incidents; a client's cursor may be from there. */
    private static final int RINGS_ASIDE = 3;

    private static final int MAX_REMEMBERED = 16_384;
    private static final int MAX_WAITING = 65_536;

    private enum State {
        DOWN,
        RECOVERING,
        IN_SYNC
    }

    private final int partition;
    private final Sequencer sequencer;
    private final LogCalls calls;
    private final List<Interest> awaitingSince = new ArrayList<>();
    private final ArrayDeque<PositionRing> aside = new ArrayDeque<>();
    private final ArrayDeque<Runnable> behindMarker = new ArrayDeque<>();
    private final Witness witness = new Witness();
    /** The last message of each channel, to check {@code previous}; the least recently heard are forgotten. */
    private final Map<Channel, Position> last = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Channel, Position> eldest) {
            return size() > MAX_REMEMBERED;
        }
    };

    private volatile State state = State.DOWN;
    private @Nullable Position position;
    private @Nullable Position floor;
    private PositionRing ring = new PositionRing();
    private long marker;
    private boolean marked;
    private @Nullable LogSlice slice;

    PartitionFeed(int partition, Sequencer sequencer, LogCalls calls) {
        this.partition = partition;
        this.sequencer = sequencer;
        this.calls = calls;
    }

    /** Whether the link is there and everything missed has been handed out. Any thread. */
    boolean isInSync() {
        return state == State.IN_SYNC;
    }

    /** The last position handed out, or null before the first recovery. */
    @Nullable
    Position position() {
        return position;
    }

    /** The ring that holds the position, so that a fork can be placed; empty if none does. */
    List<Position> ringWith(Position asked) {
        if (ring.contains(asked)) {
            return ring.toList();
        }
        for (PositionRing other : aside) {
            if (other.contains(asked)) {
                return other.toList();
            }
        }
        return List.of();
    }

    /** The link is up: reads on from where the node stands. */
    void onLinkUp() {
        state = State.RECOVERING;
        behindMarker.clear();
        awaitingSince.clear();
        List<ChannelPattern> wanted = new ArrayList<>();
        for (Interest declared : sequencer.interests()) {
            wanted.add(declared.pattern);
            if (declared.isAcknowledged() && declared.since[partition] == null) {
                awaitingSince.add(declared);
            }
        }
        slice = null;
        marked = false;
        marker = sequencer.newMarker(Sequencer.NODE);
        Start start = position == null ? new Start.Now() : new Start.After(position);
        LogQuery query =
                new LogQuery(partition, start, ring.toList(), wanted, Integer.MAX_VALUE, Integer.MAX_VALUE, marker);
        calls.read(this, query);
    }

    void onLinkDown() {
        witness.beginAnew();
        if (state == State.DOWN) {
            return;
        }
        state = State.DOWN;
        behindMarker.clear();
        sequencer.hand(new Item.Linked(partition, false, sequencer.cursor()), ShardSet.ALL);
    }

    /** What the read of {@link #onLinkUp} found. */
    void recovered(long ofMarker, LogSlice found) {
        if (state != State.RECOVERING || ofMarker != marker) {
            return;
        }
        Witness.Testimony testimony = witness.testimony(position, found);
        if (testimony != null) {
            calls.vouch(this, testimony, ofMarker);
        } else {
            slice = found;
            trySync();
        }
    }

    /** What this node has said, or has to say, of a log that went back. */
    Witness witness() {
        return witness;
    }

    /** The log went back, and from here on everybody is told: it is read again, as when a link has broken. */
    void onSetback() {
        if (state == State.IN_SYNC) {
            onLinkDown();
            onLinkUp();
        } else if (marked) {
            waitForSlice(this::onSetback);
        }
    }

    /** Reads again, unless another recovery has begun since. */
    void recoverAgain(long ofMarker) {
        if (state == State.RECOVERING && ofMarker == marker) {
            onLinkUp();
        }
    }

    /** Asks for an echo, so that the position moves over what nobody here listens to. Any thread, without the lock. */
    void sendCanary() {
        if (isInSync()) {
            sequencer.locked(() -> {
                Witness.Testimony testimony = witness.refused();
                if (testimony != null) {
                    calls.vouchAgain(this, testimony);
                }
                calls.mark(partition, sequencer.newMarker(Sequencer.CANARY));
            });
        }
    }

    void onMarker(long heard, Position end) {
        if (state == State.IN_SYNC) {
            moveTo(end);
            beginInterest(end);
            sequencer.handMarker(new Item.Marked(partition, heard, end, sequencer.cursor()));
        } else if (state == State.RECOVERING && heard == marker) {
            marked = true;
            behindMarker.clear();
            trySync();
        } else if (marked) {
            waitForSlice(() -> onMarker(heard, end));
        }
    }

    void onPublication(Publication publication, @Nullable Position previous) {
        if (state == State.IN_SYNC) {
            hear(publication, previous);
        } else if (marked) {
            waitForSlice(() -> hear(publication, previous));
        }
    }

    /** A message that has no place in the log. */
    void onLiveOnly(Publication publication) {
        if (state == State.IN_SYNC) {
            sequencer.hand(publication, partition);
        } else if (marked) {
            waitForSlice(() -> sequencer.hand(publication, partition));
        }
    }

    /** Something else that the link brought, members for example, in its place among the messages. */
    void inOrder(Runnable call) {
        if (state == State.IN_SYNC) {
            call.run();
        } else if (marked) {
            waitForSlice(call);
        }
    }

    private void waitForSlice(Runnable call) {
        if (state != State.RECOVERING) {
            return;
        }
        if (behindMarker.size() >= MAX_WAITING) {
            state = State.DOWN;
            behindMarker.clear();
            calls.reconnect(partition);
            return;
        }
        behindMarker.add(call);
    }

    private void hear(Publication publication, @Nullable Position previous) {
        Position place = publication.position();
        Position at = position;
        boolean secondCopy = at != null && at.epoch() == place.epoch() && place.offset() <= at.offset();
        if (state != State.IN_SYNC || secondCopy) {
            return;
        }
        Interest[] interests = sequencer.match(publication.channel());
        if (interests.length == 0) {
            return;
        }
        if (isBroken(publication.channel(), previous, interests)) {
            tellIfPassed(publication.channel(), interests);
            state = State.DOWN;
            sequencer.hand(new Item.Linked(partition, false, sequencer.cursor()), ShardSet.ALL);
            calls.reconnect(partition);
            return;
        }
        handOut(publication);
        beginInterest(place);
    }

    /** Where the position has moved over what is missing, reading on from it will not bring it. */
    private void tellIfPassed(Channel channel, Interest[] interests) {
        Position remembered = last.remove(channel);
        Position at = position;
        if (remembered != null && at != null && at.offset() > remembered.offset()) {
            floor = at;
            Item.Loss loss = new Item.Loss(partition, Gap.Reason.EXPIRED, channel, sequencer.cursor());
            sequencer.hand(loss, sequencer.shards(interests));
        }
    }

    /** Whether a message of the channel must have come between the last one and this. */
    private boolean isBroken(Channel channel, @Nullable Position previous, Interest[] interests) {
        Position remembered = last.get(channel);
        return remembered != null
                && previous != null
                && !previous.samePlace(remembered)
                && isUnbrokenSince(interests, remembered.offset());
    }

    private void handOut(Publication publication) {
        last.put(publication.channel(), publication.position());
        moveTo(publication.position());
        sequencer.hand(publication, partition);
    }

    /**
     * From here on every message of the interests that were acknowledged before has come. Not said of what a recovery hands
     * out: its read may have begun without them.
     */
    private void beginInterest(Position from) {
        for (Interest interest : awaitingSince) {
            interest.since[partition] = from;
        }
        awaitingSince.clear();
    }

    private void moveTo(Position to) {
        position = to;
        ring.add(to);
        sequencer.moved(to);
    }

    /**
     * The broker has acknowledged an interest in channels of this partition. What comes behind a marker is behind the end of
     * the read, too: messages between the two may have passed this node by.
     */
    void acknowledged(Interest interest) {
        if (state == State.RECOVERING && marked) {
            waitForSlice(() -> awaitSince(interest));
        } else {
            awaitSince(interest);
        }
    }

    /** It may have been acknowledged when nobody wanted it any more, on a link on which nothing has come since. */
    void withdrawn(Interest interest) {
        awaitingSince.removeIf(awaiting -> awaiting == interest);
    }

    private void awaitSince(Interest interest) {
        interest.since[partition] = null;
        awaitingSince.add(interest);
    }

    private boolean isUnbrokenSince(Interest[] interests, long offset) {
        Position at = position;
        if (at == null) {
            return false;
        }
        for (Interest interest : interests) {
            Position since = interest.since[partition];
            boolean known = since != null && since.epoch() == at.epoch() && since.offset() <= offset;
            boolean above = floor == null || (floor.epoch() == at.epoch() && floor.offset() <= offset);
            if (known && above) {
                return true;
            }
        }
        return false;
    }

    private void trySync() {
        LogSlice found = slice;
        if (found == null || !marked) {
            return;
        }
        boolean lost = handOutMissed(found);
        if (found.reason() != null || lost) {
            floor = found.end();
        }
        moveTo(found.end());
        witness.inSync(found);
        state = State.IN_SYNC;
        for (Interest interest : awaitingSince) {
            if (interest.since[partition] == null) {
                interest.since[partition] = found.end();
            }
        }
        awaitingSince.clear();
        sequencer.hand(new Item.Moved(sequencer.cursor()), ShardSet.ALL);
        sequencer.hand(new Item.Linked(partition, true, sequencer.cursor()), ShardSet.ALL);
        while (!behindMarker.isEmpty() && state == State.IN_SYNC) {
            behindMarker.remove().run();
        }
        behindMarker.clear();
        slice = null;
        if (state == State.IN_SYNC) {
            sequencer.inSync(partition);
        }
    }

    private boolean handOutMissed(LogSlice found) {
        Gap.Reason reason = found.reason();
        // The position from before a loss decides what is unbroken; the loss itself begins a new ring.
        List<Entry> wanted = certainlyNew(found);
        if (reason != null) {
            sequencer.hand(new Item.Loss(partition, reason, null, sequencer.cursor()), ShardSet.ALL);
            beginNewRing(reason);
            last.clear();
        }
        // Every loss stands before the first cursor that covers it, so all of them before any message.
        Set<Channel> lost = new HashSet<>();
        for (Entry entry : wanted) {
            if (entry.publication() == null && lost.add(entry.channel()) && reason == null) {
                Item.Loss loss = new Item.Loss(partition, Gap.Reason.EXPIRED, entry.channel(), sequencer.cursor());
                sequencer.hand(loss, sequencer.shards(sequencer.match(entry.channel())));
                last.remove(entry.channel());
            }
        }
        for (Entry entry : wanted) {
            Publication publication = entry.publication();
            if (publication != null) {
                handOut(publication);
            }
        }
        return !lost.isEmpty();
    }

    private List<Entry> certainlyNew(LogSlice found) {
        Branch branch = found.branch();
        List<Entry> wanted = new ArrayList<>(found.entries().size());
        for (Entry entry : found.entries()) {
            Interest[] interests = sequencer.match(entry.channel());
            boolean isNew = branch == null
                    || entry.offset() >= branch.firstNew()
                    || (branch.lastCommon() >= 0
                            && entry.offset() > branch.lastCommon()
                            && isUnbrokenSince(interests, branch.lastCommon()));
            if (interests.length > 0 && isNew) {
                wanted.add(entry);
            }
        }
        return wanted;
    }

    private void beginNewRing(Gap.Reason reason) {
        if (reason == Gap.Reason.FORK || reason == Gap.Reason.AHEAD) {
            aside.addLast(ring);
            if (aside.size() > RINGS_ASIDE) {
                aside.removeFirst();
            }
        } else if (reason == Gap.Reason.RESET) {
            aside.clear();
        }
        ring = new PositionRing();
    }

    /** For a client's cursor: which of the entries are certainly new to it. */
    boolean isNewToClient(Branch branch, Entry entry) {
        return entry.offset() >= branch.firstNew()
                || (branch.lastCommon() >= 0
                        && entry.offset() > branch.lastCommon()
                        && isUnbrokenSince(sequencer.match(entry.channel()), branch.lastCommon()));
    }
}
