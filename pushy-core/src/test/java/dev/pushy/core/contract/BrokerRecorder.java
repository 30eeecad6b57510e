package dev.pushy.core.contract;

import dev.pushy.core.Broker;
import dev.pushy.core.Channel;
import dev.pushy.core.ChannelEvent;
import dev.pushy.core.ControlMessage;
import dev.pushy.core.Position;
import dev.pushy.core.Publication;
import dev.pushy.core.Revocation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Writes down what the listener of one node hears, and what it should never hear. */
final class BrokerRecorder implements Broker.Listener {
    /** A message as it came. */
    record Heard(Publication publication, @Nullable Position previous) {}

    /** A marker as it came. */
    record Marker(long id, Position end) {}

    private final List<Heard> heard = new ArrayList<>();
    private final List<Object> timeline = new ArrayList<>();
    private final Map<Long, Marker> markers = new HashMap<>();
    private final List<ControlMessage> controls = new ArrayList<>();
    private final List<Revocation> revocations = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();
    private final Map<Integer, Integer> ups = new HashMap<>();
    private final Map<Integer, Integer> downs = new HashMap<>();
    private final Map<Integer, AtomicInteger> inside = new HashMap<>();
    private final Map<Integer, Long> lastOffsets = new HashMap<>();
    private int setbacks;

    @Override
    public void onPublication(Publication publication, @Nullable Position previous) {
        Position position = publication.position();
        AtomicInteger calls = enter(position.partition());
        try {
            if (calls.incrementAndGet() > 1) {
                fault("two calls at once for partition " + position.partition());
            }
            synchronized (this) {
                if (position.isLogged()) {
                    long last = lastOffsets.getOrDefault(position.partition(), 0L);
                    if (position.offset() <= last) {
                        fault("offset " + position.offset() + " after " + last);
                    }
                    lastOffsets.put(position.partition(), position.offset());
                }
                Heard message = new Heard(publication, previous);
                heard.add(message);
                timeline.add(message);
            }
        } finally {
            calls.decrementAndGet();
        }
    }

    private synchronized AtomicInteger enter(int partition) {
        return inside.computeIfAbsent(partition, number -> new AtomicInteger());
    }

    private synchronized void fault(String what) {
        faults.add(what);
    }

    @Override
    public void onPresence(ChannelEvent event) {
        fault("a presence event: " + event);
    }

    @Override
    public synchronized void onMarker(long marker, Position end) {
        Marker heardMarker = new Marker(marker, end);
        timeline.add(heardMarker);
        if (markers.put(marker, heardMarker) != null) {
            fault("marker " + marker + " came twice");
        }
        long last = lastOffsets.getOrDefault(end.partition(), 0L);
        if (end.offset() < last) {
            fault("marker at " + end.offset() + " after message " + last);
        }
        lastOffsets.put(end.partition(), end.offset());
    }

    @Override
    public synchronized void onLinkUp(int partition) {
        ups.merge(partition, 1, Integer::sum);
    }

    @Override
    public synchronized void onLinkDown(int partition) {
        downs.merge(partition, 1, Integer::sum);
        lastOffsets.remove(partition); // what comes next may be of another log
    }

    @Override
    public synchronized void onSetback(int partition) {
        setbacks++;
    }

    /** How often the log was heard to have gone back. */
    synchronized int setbacks() {
        return setbacks;
    }

    @Override
    public synchronized void onControl(ControlMessage message) {
        controls.add(message);
    }

    @Override
    public synchronized void onRevocation(Revocation revocation) {
        revocations.add(revocation);
    }

    synchronized boolean isUp(int partition) {
        return ups.getOrDefault(partition, 0) > downs.getOrDefault(partition, 0);
    }

    /** How often the links of any partition broke. */
    synchronized int downs() {
        return downs.values().stream().mapToInt(count -> count).sum();
    }

    synchronized int downs(int partition) {
        return downs.getOrDefault(partition, 0);
    }

    synchronized List<Heard> heard() {
        return new ArrayList<>(heard);
    }

    /** Messages and markers in the order in which they came. */
    synchronized List<Object> timeline() {
        return new ArrayList<>(timeline);
    }

    synchronized int count() {
        return heard.size();
    }

    /** What came behind the first so many. */
    synchronized List<Heard> heardFrom(int index) {
        return new ArrayList<>(heard.subList(index, heard.size()));
    }

    synchronized List<String> ids() {
        return heard.stream().map(each -> each.publication().id()).toList();
    }

    synchronized List<String> ids(Channel channel) {
        return heard.stream()
                .filter(each -> each.publication().channel().equals(channel))
                .map(each -> each.publication().id())
                .toList();
    }

    synchronized @Nullable Marker marker(long id) {
        return markers.get(id);
    }

    synchronized List<ControlMessage> controls() {
        return new ArrayList<>(controls);
    }

    synchronized List<Revocation> revocations() {
        return new ArrayList<>(revocations);
    }

    synchronized List<String> faults() {
        return new ArrayList<>(faults);
    }
}
