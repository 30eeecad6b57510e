package dev.pushy.core.contract;

import dev.pushy.core.Broker;
import dev.pushy.core.Channel;
import dev.pushy.core.ChannelEvent;
import dev.pushy.core.ChannelPattern;
import dev.pushy.core.ControlMessage;
import dev.pushy.core.Gap;
import dev.pushy.core.MessageLog;
import dev.pushy.core.MessageLog.Branch;
import dev.pushy.core.MessageLog.Entry;
import dev.pushy.core.MessageLog.LogQuery;
import dev.pushy.core.MessageLog.LogSlice;
import dev.pushy.core.MessageLog.Start;
import dev.pushy.core.Position;
import dev.pushy.core.Publication;
import dev.pushy.core.Revocation;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A node that knows nothing but the rules of recovery: it holds a position in each partition, reads with a marker when a
 * link comes up, discards what comes before the marker, and writes down messages and gaps in the order in which a client
 * would be told. Its interest never changes.
 */
final class RecoveringNode implements Broker.Listener {
    private static final int RING = 64;

    /** A loss: of one channel, or, with null, of a whole partition. */
    record Loss(int partition, @Nullable Channel channel, Gap.Reason reason) {}

    private final Broker broker;
    private final MessageLog log;
    private final List<ChannelPattern> interest;
    private final Part[] parts;
    private final List<Publication> received = new ArrayList<>();
    private final List<Loss> losses = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();
    private final Set<String> ids = new HashSet<>();
    private boolean ready;
    private long markers;
    private int recoveries;

    /** One partition as this node sees it. */
    private static final class Part {
        private final int number;
        private final Deque<Position> ring = new ArrayDeque<>();
        private final Map<Channel, Position> remembered = new HashMap<>();
        private final List<BrokerRecorder.Heard> queue = new ArrayList<>();
        private @Nullable Position at;
        private long unbrokenSince;
        private long lastOffset;
        private boolean up;
        private boolean live;
        private boolean marked;
        private long marker;
        private @Nullable LogSlice slice;
        private long setbacks;
        private boolean vouched;

        Part(int number) {
            this.number = number;
        }

        void handedOut(Position position) {
            at = position;
            ring.addLast(position);
            if (ring.size() > RING) {
                ring.removeFirst();
            }
        }

        void forget() {
            live = false;
            marked = false;
            marker = -1;
            slice = null;
            queue.clear();
        }
    }

    RecoveringNode(Broker broker, List<ChannelPattern> interest) {
        this.broker = broker;
        this.log = broker.log().orElseThrow();
        this.interest = interest;
        this.parts = new Part[log.partitions()];
        for (int p = 0; p < parts.length; p++) {
            parts[p] = new Part(p);
        }
    }

    void start() {
        broker.start(this);
        interest.forEach(pattern -> Await.get(broker.subscribe(pattern)));
        synchronized (this) {
            ready = true;
        }
        for (Part part : parts) {
            recover(part);
        }
        for (Part part : parts) {
            Await.until(() -> isLive(part), () -> "partition " + part.number + " does not go live");
        }
    }

    /** Whether it has recovered everywhere. */
    synchronized boolean isLive() {
        for (Part part : parts) {
            if (!part.live) {
                return false;
            }
        }
        return true;
    }

    private synchronized boolean isLive(Part part) {
        return part.live;
    }

    /** Reads from where the node stands. Never under the lock of this: the log has its own. */
    private void recover(Part part) {
        LogQuery query;
        synchronized (this) {
            if (!ready || !part.up) {
                return;
            }
            part.forget();
            part.marker = ++markers;
            Start start = part.at == null ? new Start.Now() : new Start.After(part.at);
            query = new LogQuery(part.number, start, List.copyOf(part.ring), interest, 100_000, 1_000_000, part.marker);
        }
        log.read(query).whenComplete((slice, failure) -> {
            if (slice != null) {
                arrived(part, query.marker(), slice);
            } else {
                CompletableFuture.delayedExecutor(10, TimeUnit.MILLISECONDS).execute(() -> retry(part, query.marker()));
            }
        });
    }

    private void retry(Part part, long marker) {
        synchronized (this) {
            if (part.marker != marker || part.live) {
                return;
            }
        }
        recover(part);
    }

    private void arrived(Part part, long marker, LogSlice slice) {
        boolean gap = false;
        Position heard = null;
        long setbacks;
        synchronized (this) {
            if (part.marker != marker) {
                return;
            }
            setbacks = part.setbacks;
            boolean wentBack = slice.reason() == Gap.Reason.FORK || slice.reason() == Gap.Reason.AHEAD;
            if (part.at != null && wentBack && slice.setbacks() <= setbacks && !part.vouched) {
                part.vouched = true;
                heard = part.at;
            } else {
                part.slice = slice;
                gap = goLive(part);
            }
        }
        if (heard != null) {
            vouch(part, marker, heard, setbacks);
        }
        if (gap) {
            log.reconnect(part.number);
        }
    }

    /** Says what it has heard, for those who have heard less, then reads again. Until it is said: nobody else may know. */
    private void vouch(Part part, long marker, Position heard, long setbacks) {
        log.vouch(heard, setbacks).whenComplete((done, failure) -> {
            if (failure != null) {
                synchronized (this) {
                    part.vouched = false;
                }
            }
            CompletableFuture.delayedExecutor(10, TimeUnit.MILLISECONDS).execute(() -> retry(part, marker));
        });
    }

    /** When both slice and marker are there. Says whether a message is found missing. */
    private boolean goLive(Part part) {
        LogSlice slice = part.slice;
        if (slice == null || !part.marked || part.live) {
            return false;
        }
        long above = accept(part, slice);
        for (Entry entry : slice.entries()) {
            if (entry.offset() > above) {
                take(part, entry);
            }
        }
        part.handedOut(slice.end());
        part.setbacks = slice.setbacks();
        part.vouched = false;
        part.live = true;
        part.slice = null;
        List<BrokerRecorder.Heard> queued = new ArrayList<>(part.queue);
        part.queue.clear();
        for (BrokerRecorder.Heard heard : queued) {
            if (!handle(part, heard)) {
                return true;
            }
        }
        return false;
    }

    /** Takes note of what is wrong with the slice. Says above which offset its entries are new. */
    private long accept(Part part, LogSlice slice) {
        if (part.at == null) {
            part.unbrokenSince = slice.end().offset();
            return slice.end().offset();
        }
        if (slice.reason() == null) {
            return part.at.offset();
        }
        losses.add(new Loss(part.number, null, slice.reason()));
        part.remembered.clear();
        part.ring.clear();
        Branch branch = slice.branch();
        long above = slice.reason() == Gap.Reason.EXPIRED ? part.at.offset() : 0;
        if (branch != null) {
            boolean unbroken = branch.lastCommon() >= 0 && part.unbrokenSince <= branch.lastCommon();
            above = unbroken ? branch.lastCommon() : branch.firstNew() - 1;
        }
        part.unbrokenSince = slice.end().offset();
        part.lastOffset = Math.min(above, slice.end().offset());
        return above;
    }

    private void take(Part part, Entry entry) {
        Publication publication = entry.publication();
        if (publication == null) {
            losses.add(new Loss(part.number, entry.channel(), Gap.Reason.EXPIRED));
            part.remembered.remove(entry.channel());
        } else {
            receive(part, publication);
        }
    }

    private void receive(Part part, Publication publication) {
        if (!ids.add(publication.id())) {
            faults.add("twice: " + publication);
        }
        if (publication.position().offset() <= part.lastOffset) {
            faults.add("offset " + publication.position().offset() + " after " + part.lastOffset);
        }
        part.lastOffset = publication.position().offset();
        part.remembered.put(publication.channel(), publication.position());
        part.handedOut(publication.position());
        received.add(publication);
    }

    /** Takes a live message. False if one before it is missing. */
    private boolean handle(Part part, BrokerRecorder.Heard heard) {
        Position remembered = part.remembered.get(heard.publication().channel());
        Position previous = heard.previous();
        if (remembered != null && previous != null && !previous.equals(remembered)) {
            if (part.at != null && part.at.offset() > remembered.offset()) {
                // The position has moved over what is missing, so that reading again may not bring it.
                losses.add(new Loss(part.number, heard.publication().channel(), Gap.Reason.EXPIRED));
                part.remembered.remove(heard.publication().channel());
            }
            part.forget();
            return false;
        }
        receive(part, heard.publication());
        return true;
    }

    @Override
    public void onPublication(Publication publication, @Nullable Position previous) {
        Part part = parts[publication.position().partition()];
        BrokerRecorder.Heard heard = new BrokerRecorder.Heard(publication, previous);
        boolean whole = true;
        synchronized (this) {
            if (part.live) {
                whole = handle(part, heard);
            } else if (part.marked) {
                part.queue.add(heard);
            }
        }
        if (!whole) {
            log.reconnect(part.number);
        }
    }

    @Override
    public void onMarker(long marker, Position end) {
        Part part = parts[end.partition()];
        boolean gap;
        synchronized (this) {
            if (marker != part.marker || part.live) {
                return;
            }
            part.marked = true;
            gap = goLive(part);
        }
        if (gap) {
            log.reconnect(part.number);
        }
    }

    @Override
    public void onLinkUp(int partition) {
        synchronized (this) {
            if (parts[partition].up) {
                faults.add("link " + partition + " came up twice");
            }
            parts[partition].up = true;
        }
        recover(parts[partition]);
    }

    @Override
    public synchronized void onLinkDown(int partition) {
        if (!parts[partition].up) {
            faults.add("link " + partition + " went down twice");
        }
        parts[partition].up = false;
        parts[partition].forget();
        recoveries++;
    }

    @Override
    public void onSetback(int partition) {
        Part part = parts[partition];
        boolean again;
        synchronized (this) {
            again = part.live || part.marked;
        }
        if (again) {
            recover(part);
        }
    }

    @Override
    public void onPresence(ChannelEvent event) {}

    @Override
    public void onControl(ControlMessage message) {}

    @Override
    public void onRevocation(Revocation revocation) {}

    synchronized List<Publication> received() {
        return new ArrayList<>(received);
    }

    synchronized boolean has(String id) {
        return ids.contains(id);
    }

    /** How often a link broke. */
    synchronized int recoveries() {
        return recoveries;
    }

    synchronized List<Loss> losses() {
        return new ArrayList<>(losses);
    }

    synchronized List<String> faults() {
        return new ArrayList<>(faults);
    }
}
