package dev.pushy.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * A client of a {@link Simulation} that follows the rules of resume: it remembers the last cursor, and for a subscription
 * on its way that one's own. What it is told goes into {@link #log}.
 */
final class SimulatedClient {

    /** What the oracle reads. */
    sealed interface Told {
        /** Connected, after so many incidents. */
        record Connected(int incidents) implements Told {}

        /** A cursor was received. */
        record At(Cursor cursor) implements Told {}

        /** A message was received, on the so manyth connection. */
        record Got(Simulation.Message message, int time) implements Told {}

        /** A loss was received, with how many incidents there had been. */
        record Lost(List<String> channels, String reason, int incidents, int time) implements Told {}

        /** From message number so and so on everything is owed, in continuation of an earlier subscription or not. */
        record Owed(String name, int since, boolean continued) implements Told {}

        /** A subscription was dropped. */
        record Dropped(String name, boolean wasOwed) implements Told {}

        /** A subscription was asked for. */
        record Asked(String name) implements Told {}
    }

    private record Pending(Resume since, boolean continued) {}

    final int index;
    final List<Told> log = new ArrayList<>();
    final Map<String, Integer> requested = new HashMap<>();
    boolean slow;

    private final Simulation world;
    private final Random random;
    private final Set<String> subscriptions = new LinkedHashSet<>();
    private final Map<String, Pending> pending = new LinkedHashMap<>();
    private final Map<String, Integer> owed = new HashMap<>();
    private final Map<String, Cursor> left = new HashMap<>();
    private final Set<String> asked = new HashSet<>();
    private SimulatedConnection connection;
    private Cursor cursor;
    private int times;

    SimulatedClient(Simulation world, int index) {
        this.world = world;
        this.index = index;
        this.random = world.time.random;
        int count = 1 + random.nextInt(3);
        List<String> names = new ArrayList<>(Simulation.CHANNELS);
        names.addAll(Simulation.PATTERNS);
        java.util.Collections.shuffle(names, random);
        subscriptions.addAll(names.subList(0, count));
        subscriptions.forEach(name -> requested.put(name, 0));
    }

    private int now() {
        return world.messages.size();
    }

    void connect() {
        if (connection != null) {
            return;
        }
        times++;
        if (cursor == null) {
            for (String name : subscriptions) {
                if (!owed.containsKey(name)) {
                    requested.put(name, now());
                }
            }
        }
        log.add(new Told.Connected(world.incidents));
        asked.clear();
        connection = new SimulatedConnection(world, world.someNode(), this, index + "." + times);
        List<ChannelPattern> patterns = new ArrayList<>();
        subscriptions.forEach(name -> patterns.add(ChannelPattern.of(name)));
        connection.open(patterns, cursor == null ? Resume.NOW : new Resume.After(cursor));
    }

    void drop() {
        if (connection != null) {
            connection.vanish();
            connection = null;
            reconnectLater(50, 300, 1_000, 4_000);
        }
    }

    void lost(SimulatedConnection which) {
        if (connection == which) {
            connection = null;
            reconnectLater(50, 300, 1_000);
        }
    }

    private void reconnectLater(long... delays) {
        world.time.after(delays[random.nextInt(delays.length)], this::connect);
    }

    void add(String name, boolean continueWhereLeft) {
        boolean clash = pending.keySet().stream().anyMatch(other -> Simulation.overlaps(other, name));
        if (connection == null || subscriptions.contains(name) || clash) {
            return;
        }
        left.keySet().removeIf(other -> !other.equals(name) && Simulation.overlaps(other, name));
        if (subscriptions.stream().anyMatch(other -> Simulation.overlaps(other, name))) {
            left.remove(name);
        }
        Cursor from = continueWhereLeft ? left.get(name) : null;
        if (from == null) {
            left.remove(name);
            requested.put(name, now());
        }
        pending.put(name, new Pending(from == null ? Resume.NOW : new Resume.After(from), from != null));
        log.add(new Told.Asked(name));
        ask(name);
    }

    private void ask(String name) {
        if (!asked.add(name)) {
            return;
        }
        SimulatedConnection to = connection;
        Resume since = pending.get(name).since();
        to.request(subscriber -> subscriber.add(List.of(ChannelPattern.of(name)), since, added -> {
            if (added.cursor() != null) {
                to.say("checkpoint " + added.cursor());
            }
            to.say("subscribed " + name);
        }));
    }

    void remove(String name) {
        boolean clash = pending.keySet().stream().anyMatch(other -> Simulation.overlaps(other, name));
        if (connection == null || subscriptions.size() < 2 || !subscriptions.contains(name) || clash) {
            return;
        }
        subscriptions.remove(name);
        Integer own = owed.remove(name);
        log.add(new Told.Dropped(name, own != null));
        boolean alone = subscriptions.stream().noneMatch(other -> Simulation.overlaps(other, name));
        if (own != null && cursor != null && alone) {
            left.put(name, cursor);
        }
        asked.remove(name);
        connection.request(subscriber -> subscriber.remove(List.of(ChannelPattern.of(name)), at -> {}));
    }

    void receive(SimulatedConnection from, String line) {
        if (from != connection) {
            return;
        }
        String[] words = line.split(" ", -1);
        switch (words[0]) {
            case "message" -> receiveMessage(words);
            case "checkpoint", "heartbeat" -> moveTo(words[1]);
            case "gap" -> log.add(new Told.Lost(concerned(words[2]), words[1], world.incidents, times));
            case "open" -> opened();
            case "subscribed" -> subscribed(words[1]);
            default -> throw new IllegalStateException(line);
        }
    }

    private void receiveMessage(String[] words) {
        Simulation.Message message = world.messages.get(Integer.parseInt(words[2]) - 1);
        boolean replayed = words[3].equals("since");
        boolean wanted = subscriptions.stream().anyMatch(name -> Simulation.matches(name, message.channel()));
        if (replayed) {
            for (Map.Entry<String, Pending> entry : pending.entrySet()) {
                if (Simulation.matches(entry.getKey(), message.channel())) {
                    if (!words[4].equals("null")) {
                        Resume own = Resume.parse(words[4], world.setting.partitions());
                        entry.setValue(new Pending(own, entry.getValue().continued()));
                    }
                    wanted = true;
                }
            }
        }
        if (wanted) {
            log.add(new Told.Got(message, times));
        }
        if (!replayed) {
            moveTo(words[3]);
        }
    }

    private void moveTo(String text) {
        if (!text.equals("-") && !text.equals("null")) {
            cursor = Cursor.parse(text, world.setting.partitions()).orElseThrow();
            log.add(new Told.At(cursor));
        }
    }

    /** A pattern stands for all channels that it matches; the simulation has five. */
    private List<String> concerned(String names) {
        List<String> channels = new ArrayList<>();
        for (String channel : Simulation.CHANNELS) {
            for (String name : names.split(",", -1)) {
                if (Simulation.matches(name, channel)) {
                    channels.add(channel);
                    break;
                }
            }
        }
        return channels;
    }

    private void opened() {
        for (String name : subscriptions) {
            if (!owed.containsKey(name)) {
                owed.put(name, now());
                log.add(new Told.Owed(name, now(), false));
            }
        }
        List.copyOf(pending.keySet()).forEach(this::ask);
    }

    private void subscribed(String name) {
        Pending was = pending.remove(name);
        if (was != null) {
            subscriptions.add(name);
            owed.put(name, now());
            log.add(new Told.Owed(name, now(), was.continued()));
            left.remove(name);
        }
    }
}
