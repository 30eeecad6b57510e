package dev.pushy.core;

import dev.pushy.core.SimulatedClient.Told;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Says what a {@link Simulation} did wrong: a message lost without a gap in its place, one that came twice or out of order,
 * a tail that never came, a gap where nothing was lost. What the broker forgot is owed a gap too: in its place to a client
 * whose cursor is from beyond the loss, later to the others, as soon as somebody who knows has said so.
 */
final class DeliveryOracle {
    private final Simulation world;
    private final List<String> errors = new ArrayList<>();

    DeliveryOracle(Simulation world) {
        this.world = world;
    }

    List<String> check() {
        for (SimulatedClient client : world.clients) {
            check(client);
        }
        return errors;
    }

    private void check(SimulatedClient client) {
        Set<String> continued = new HashSet<>();
        List<Told> log = joined(client.log, continued);
        Set<Position> cursors = new HashSet<>();
        for (Told told : log) {
            if (told instanceof Told.At at) {
                for (int p = 0; p < world.setting.partitions(); p++) {
                    cursors.add(at.cursor().position(p));
                }
            }
        }
        for (String channel : Simulation.CHANNELS) {
            new ChannelCheck(client, channel, continued.contains(channel), cursors).check(log);
        }
        checkGaps(client, log);
    }

    /** A subscription that was dropped and continued where it was left counts as one that was never dropped. */
    private static List<Told> joined(List<Told> log, Set<String> continued) {
        Set<Integer> left = new HashSet<>();
        for (int i = 0; i < log.size(); i++) {
            if (log.get(i) instanceof Told.Owed owed && owed.continued()) {
                int dropped = i;
                while (!(log.get(dropped) instanceof Told.Dropped drop
                        && drop.name().equals(owed.name()))) {
                    dropped--;
                }
                left.add(i);
                left.add(dropped);
                for (String channel : Simulation.CHANNELS) {
                    if (Simulation.matches(owed.name(), channel)) {
                        continued.add(channel);
                    }
                }
            }
        }
        List<Told> joined = new ArrayList<>();
        for (int i = 0; i < log.size(); i++) {
            if (!left.contains(i)) {
                joined.add(log.get(i));
            }
        }
        return joined;
    }

    private void checkGaps(SimulatedClient client, List<Told> log) {
        boolean asked = log.stream().anyMatch(Told.Asked.class::isInstance);
        boolean benign = world.setting.kind() == Simulation.Kind.BENIGN || world.setting.kind() == Simulation.Kind.CUTS;
        Map<String, Integer> heard = new HashMap<>();
        Map<String, Integer> withoutForks = new HashMap<>();
        int before = 0;
        for (Told told : log) {
            if (told instanceof Told.Connected connected) {
                heard.clear();
                withoutForks.clear();
                before = connected.incidents();
            } else if (told instanceof Told.Lost lost) {
                if (benign) {
                    errors.add("FALSE GAP for client " + client.index + ": " + lost);
                }
                boolean wholePartition =
                        !lost.reason().equals("expired") && !lost.reason().equals("overflow");
                for (String channel : wholePartition && !asked ? lost.channels() : List.<String>of()) {
                    int times = heard.merge(channel, 1, Integer::sum);
                    int others = lost.reason().equals("fork") ? 0 : withoutForks.merge(channel, 1, Integer::sum);
                    // One may be from before: the client's cursor can be older than the connection.
                    // A pattern is told once for each partition. And whose own cursor showed the loss before a node had
                    // said so hears of it with the others once more, as a fork: nobody knows that both are the same.
                    int most = (lost.incidents() - before + 1) * world.setting.partitions();
                    if (others > most || times > 2 * most) {
                        errors.add("GAP TWICE for client " + client.index + ": " + lost);
                    }
                }
            }
        }
    }

    /** One channel of one client. */
    private final class ChannelCheck {
        private final SimulatedClient client;
        private final String channel;
        private final boolean continued;
        private final Set<Position> cursors;
        private final Set<String> owed = new HashSet<>();
        private final Set<Integer> seen = new HashSet<>();
        private int last = -1;
        private int highest;
        private boolean gap;
        /** Of how many incidents it has been told. */
        private int incidents;

        private final List<Simulation.Message> late = new ArrayList<>();

        ChannelCheck(SimulatedClient client, String channel, boolean continued, Set<Position> cursors) {
            this.client = client;
            this.channel = channel;
            this.continued = continued;
            this.cursors = cursors;
        }

        void check(List<Told> log) {
            for (Told told : log) {
                if (told instanceof Told.Owed starts && Simulation.matches(starts.name(), channel)) {
                    if (owed.isEmpty()) {
                        last = Math.max(starts.since(), last);
                        gap = false;
                    }
                    owed.add(starts.name());
                } else if (told instanceof Told.Dropped dropped) {
                    owed.remove(dropped.name());
                    if (owed.isEmpty()) {
                        late.clear();
                    }
                } else if (told instanceof Told.Lost lost && lost.channels().contains(channel)) {
                    gap = true;
                    if (!lost.reason().equals("overflow")) {
                        incidents = lost.incidents();
                        late.clear();
                    }
                } else if (told instanceof Told.Got got
                        && got.message().channel().equals(channel)) {
                    got(got);
                }
            }
            if (!owed.isEmpty() && !gap) {
                List<Simulation.Message> tail = missing(last, Integer.MAX_VALUE);
                if (!tail.isEmpty()) {
                    errors.add("STUCK client " + client.index + " " + channel + " misses " + tail);
                }
            }
            if (!late.isEmpty()) {
                errors.add("UNTOLD client " + client.index + " " + channel + " never heard of " + late);
            }
        }

        private void got(Told.Got got) {
            int number = got.message().number();
            if (!seen.add(number)) {
                errors.add("TWICE for client " + client.index + ": " + got);
            }
            if (number < highest) {
                errors.add("ORDER for client " + client.index + ": " + got + " behind " + highest);
            }
            highest = Math.max(highest, number);
            if (owed.isEmpty()) {
                return;
            }
            if (!gap) {
                List<Simulation.Message> missed = missing(last, number);
                if (!missed.isEmpty()) {
                    errors.add("SILENT for client " + client.index + ": " + missed + " before " + got);
                }
            }
            if (number > last) {
                last = number;
                gap = false;
            }
        }

        private List<Simulation.Message> missing(int after, int before) {
            List<Simulation.Message> missing = new ArrayList<>();
            for (Simulation.Message message : world.messages) {
                boolean between = message.number() > after && message.number() < before;
                if (between
                        && message.channel().equals(channel)
                        && !seen.contains(message.number())
                        && !isExcused(message)) {
                    missing.add(message);
                }
            }
            return missing;
        }

        /**
         * What the broker lost is owed a gap in its place only to a client that holds a cursor from beyond the loss, and only
         * if it has not been told since: the gap of a replay covers all that lies in the replay.
         */
        private boolean isExcused(Simulation.Message message) {
            int partition = message.position().partition();
            for (Simulation.Erased erased : world.erased) {
                Set<Position> gone = erased.positions().get(partition);
                if (gone.contains(message.position())) {
                    boolean told = incidents > world.erased.indexOf(erased);
                    boolean knew = cursors.stream().anyMatch(gone::contains);
                    if (!continued && !told && !knew && world.isKnown(message.position())) {
                        late.add(message);
                    }
                    return continued || told || !knew;
                }
            }
            return false;
        }
    }
}
