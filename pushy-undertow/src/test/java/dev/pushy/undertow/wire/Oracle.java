package dev.pushy.undertow.wire;

import dev.pushy.core.Cursor;
import dev.pushy.core.Position;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Judges what one client heard against what was accepted.
 *
 * <p>Every message behind the moment in which a subscription was confirmed comes once and in order, or a gap that names its
 * channel stands before the first message or cursor beyond it. Messages that the broker lost are owed a gap there only to a
 * client that holds a cursor beyond the point to which the log went back; the others are told later, which the simulation in
 * the core judges.
 */
final class Oracle {
    private final Scenario scenario;
    private final Journal journal;
    private final List<Heard> log;
    private final String who;
    private final List<Set<Position>> erased;
    private final Set<Position> everErased = new HashSet<>();
    /** Where messages stand. A setback stands elsewhere, and nobody writes down when a restart has taken it away again. */
    private final Set<Position> places;

    /** For each incident, the partitions in which the client holds or held a cursor that it took away. */
    private final List<Set<Integer>> beyond = new ArrayList<>();
    /** Channels of subscriptions that were left and taken up again. */
    private final Set<String> continued = new HashSet<>();

    private final List<String> faults = new ArrayList<>();

    Oracle(Scenario scenario, Journal journal, WireClient client) {
        this.scenario = scenario;
        this.journal = journal;
        this.who = client.toString();
        this.erased = journal.erased();
        this.places = journal.places();
        this.log = joinContinued(client.log);
        Set<Position> held = new HashSet<>();
        for (Heard heard : log) {
            if (heard instanceof Heard.Moved moved) {
                for (int p = 0; p < scenario.partitions(); p++) {
                    held.add(moved.cursor().position(p));
                }
            }
        }
        for (Set<Position> incident : erased) {
            everErased.addAll(incident);
            Set<Integer> partitions = new HashSet<>();
            for (Position position : held) {
                if (incident.contains(position)) {
                    partitions.add(position.partition());
                }
            }
            beyond.add(partitions);
        }
    }

    /** A pattern that was left and taken up again from there counts as never left. */
    private List<Heard> joinContinued(List<Heard> all) {
        Set<Integer> dropped = new HashSet<>();
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i) instanceof Heard.Owed owed && owed.continued()) {
                int j = i - 1;
                while (!(all.get(j) instanceof Heard.Removed removed
                        && removed.pattern().equals(owed.pattern()))) {
                    j--;
                }
                dropped.add(i);
                dropped.add(j);
                continued.addAll(Names.matching(owed.pattern()));
            }
        }
        List<Heard> joined = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            if (!dropped.contains(i)) {
                joined.add(all.get(i));
            }
        }
        return joined;
    }

    private boolean isOwedNothing(Journal.Message message) {
        if (message.channel().equals(Names.LIVE_ONLY)) {
            return true;
        }
        for (int i = 0; i < erased.size(); i++) {
            if (erased.get(i).contains(message.position())
                    && (continued.contains(message.channel())
                            || !beyond.get(i).contains(message.position().partition()))) {
                return true;
            }
        }
        return false;
    }

    /** How far a client is on one channel. */
    private final class Track {
        private final String channel;
        private final List<Journal.Message> accepted;
        private final Set<String> patterns = new HashSet<>();
        private final Set<Integer> seen = new HashSet<>();
        private int last;
        private int highest;
        private boolean gap;

        Track(String channel) {
            this.channel = channel;
            this.accepted = journal.of(channel);
        }

        void owed(Heard.Owed owed) {
            if (patterns.isEmpty()) {
                last = Math.max(owed.sequence(), last);
                gap = false;
            }
            patterns.add(owed.pattern());
        }

        /** What was accepted behind the last, but not heard. */
        List<Journal.Message> missing(int before) {
            List<Journal.Message> missing = new ArrayList<>();
            for (int i = indexBehindLast();
                    i < accepted.size() && accepted.get(i).sequence() < before;
                    i++) {
                Journal.Message message = accepted.get(i);
                if (isMissing(message)) {
                    missing.add(message);
                }
            }
            return missing;
        }

        private boolean isMissing(Journal.Message message) {
            return !seen.contains(message.sequence()) && !isOwedNothing(message);
        }

        private int indexBehindLast() {
            int low = 0;
            int high = accepted.size();
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (accepted.get(middle).sequence() <= last) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low;
        }

        void got(Journal.Message message) {
            int sequence = message.sequence();
            boolean first = seen.add(sequence);
            if (!first) {
                fault("TWICE", message);
            }
            if (highest > sequence) {
                fault("ORDER", message + " behind " + highest);
            }
            highest = Math.max(highest, sequence);
            if (patterns.isEmpty()) {
                return;
            }
            if (!gap) {
                List<Journal.Message> missing = missing(sequence);
                if (!missing.isEmpty()) {
                    fault("SILENT", missing + " before " + message);
                }
            }
            if (sequence > last) {
                last = sequence;
                gap = false;
            }
        }

        /** A cursor must not cover what is missing. */
        void moved(Cursor cursor) {
            if (patterns.isEmpty() || gap || continued.contains(channel)) {
                return;
            }
            for (int i = indexBehindLast(); i < accepted.size(); i++) {
                Journal.Message message = accepted.get(i);
                Position place = message.position();
                Position at = place.isLogged() ? cursor.position(place.partition()) : place;
                boolean comparable = at.epoch() == place.epoch()
                        && !everErased.contains(place)
                        && !everErased.contains(at)
                        && places.contains(at);
                if (comparable && place.offset() > at.offset()) {
                    return;
                }
                if (comparable && isMissing(message)) {
                    fault("COVERED", message + " by " + at);
                    return;
                }
            }
        }
    }

    /** Everything that is wrong. */
    List<String> check() {
        replay();
        checkGaps();
        checkCursors();
        return faults;
    }

    /** What is still to come. */
    List<String> missingTail() {
        Map<String, Track> tracks = replay();
        faults.clear();
        for (Track track : tracks.values()) {
            List<Journal.Message> tail = track.missing(Integer.MAX_VALUE);
            if (!track.patterns.isEmpty() && !track.gap && !tail.isEmpty()) {
                fault("STUCK", track.channel + " waits for " + tail);
            }
        }
        return faults;
    }

    private void fault(String kind, Object what) {
        faults.add(kind + " " + what + " -- " + who);
    }

    private Map<String, Track> replay() {
        Map<String, Track> tracks = new HashMap<>();
        for (String channel : Names.CHANNELS) {
            tracks.put(channel, new Track(channel));
        }
        for (Heard heard : log) {
            if (heard instanceof Heard.Owed owed) {
                Names.matching(owed.pattern())
                        .forEach(channel -> track(tracks, channel).owed(owed));
            } else if (heard instanceof Heard.Removed removed) {
                Names.matching(removed.pattern())
                        .forEach(channel -> track(tracks, channel).patterns.remove(removed.pattern()));
            } else if (heard instanceof Heard.Lost lost) {
                for (String name : lost.channels()) {
                    Names.matching(name).forEach(channel -> track(tracks, channel).gap = true);
                }
            } else if (heard instanceof Heard.Got got) {
                track(tracks, got.message().channel()).got(got.message());
            } else if (heard instanceof Heard.Moved moved) {
                tracks.values().forEach(track -> track.moved(moved.cursor()));
            }
        }
        return tracks;
    }

    private static Track track(Map<String, Track> tracks, String channel) {
        Track track = tracks.get(channel);
        if (track == null) {
            throw new AssertionError("no such channel: " + channel);
        }
        return track;
    }

    /** Only reasons that can be, and no gap again and again for one incident; a pattern is told of for each partition. */
    private void checkGaps() {
        int incidents = 0;
        int asked = 0;
        Map<String, Integer> told = new HashMap<>();
        Map<String, Integer> withoutForks = new HashMap<>();
        for (Heard heard : log) {
            if (heard instanceof Heard.Connected connected) {
                incidents = connected.incidents();
                asked = 0;
                told.clear();
                withoutForks.clear();
            } else if (heard instanceof Heard.Asked || (heard instanceof Heard.Owed owed && !owed.continued())) {
                asked++;
            } else if (heard instanceof Heard.Lost lost) {
                if (!scenario.kind().reasons.contains(lost.reason())) {
                    fault("REASON", lost);
                }
                boolean fork = lost.reason().equals("fork");
                if (fork || lost.reason().equals("ahead") || lost.reason().equals("reset")) {
                    for (String name : lost.channels()) {
                        int times = told.merge(name, 1, Integer::sum);
                        int others = fork ? 0 : withoutForks.merge(name, 1, Integer::sum);
                        // Whose own cursor showed the loss before the node had said so hears of it with the others
                        // once more, as a fork: nobody knows that both are the same.
                        int most = (1 + lost.incidents() - incidents + asked) * scenario.partitions();
                        if (others > most || times > 2 * most) {
                            fault("AGAIN", lost);
                        }
                    }
                }
            }
        }
    }

    /** Within a connection the cursor goes on, but behind a gap. */
    private void checkCursors() {
        if (scenario.partitions() > 1 && scenario.kind().goesBack()) {
            return;
        }
        @Nullable Cursor before = null;
        for (Heard heard : log) {
            if (heard instanceof Heard.Connected connected) {
                before = connected.cursor();
            } else if (heard instanceof Heard.Lost lost
                    && !lost.reason().equals("expired")
                    && !lost.reason().equals("overflow")) {
                before = null;
            } else if (heard instanceof Heard.Moved moved) {
                for (int p = 0; before != null && p < scenario.partitions(); p++) {
                    Position old = before.position(p);
                    Position now = moved.cursor().position(p);
                    if (old.epoch() != now.epoch() || now.offset() < old.offset()) {
                        fault("BACK", old + " to " + now);
                    }
                }
                before = moved.cursor();
            }
        }
    }
}
