package dev.pushy.core;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A client of a {@link RosterWorld}. What it is told of a room it compares with what it was told before: only who is not
 * there joins, only who is there leaves, and nothing comes of rooms that it is not in, nor of itself.
 */
final class RosterClient implements Connection, Subscriber.Listener {
    private static final LineFormat AT_ONCE = new LineFormat(false);
    private static final LineFormat SETTLED = new LineFormat(true);
    private static final String NOBODY = "-";

    final Hub hub;
    private final RosterWorld world;
    private final EventLoop loop;
    private final LineFormat format;
    private final String id;
    private final ArrayDeque<String> waiting = new ArrayDeque<>();
    /** What it asked for last, with requests that may not be answered yet. */
    private final Map<Channel, Object> asked = new HashMap<>();
    /** Where it is, and as whom. */
    private final Map<Channel, String> members = new HashMap<>();
    /** What it has read of it. */
    private final Map<String, Set<String>> rosters = new HashMap<>();

    private final Map<String, String> selves = new HashMap<>();

    private Subscriber subscriber;
    private int backlog;
    private boolean slow;
    private boolean open;
    private boolean dead;

    RosterClient(RosterWorld world, Hub hub, EventLoop loop) {
        this.world = world;
        this.hub = hub;
        this.loop = loop;
        this.format = world.random.nextInt(3) == 0 ? SETTLED : AT_ONCE;
        this.id = hub.newConnectionId();
        loop.execute(() -> {
            if (!dead) {
                subscriber = hub.connect(this, Grant.of("", List.of()), this);
                subscriber.open(List.of(), Resume.NOW);
            }
        });
    }

    /** Does something at random. */
    void act() {
        loop.execute(() -> {
            if (!open || dead) {
                return;
            }
            Channel room = RosterWorld.ROOMS.get(world.random.nextInt(RosterWorld.ROOMS.size()));
            if (asked.remove(room) != null) {
                subscriber.remove(List.of(ChannelPattern.of(room)), cursor -> {
                    members.remove(room);
                    write("left " + room);
                    flush();
                });
            } else {
                enter(room);
            }
        });
    }

    private void enter(Channel room) {
        String user = world.random.nextInt(4) == 0 ? NOBODY : world.anyUser();
        Object request = new Object();
        asked.put(room, request);
        Entry.Roster view = format == SETTLED ? Entry.Roster.SETTLED : Entry.Roster.AT_ONCE;
        Member member = user.equals(NOBODY) ? null : new Member(user, "null", 0);
        int most = world.random.nextBoolean() ? 4 : 100;
        subscriber.enter(List.of(room), new Entry(member, most, view, world.random.nextBoolean()), entered -> {
            if (entered.full()) {
                asked.remove(room, request);
                write("full " + room);
            } else {
                members.put(room, user);
                List<String> names = entered.rosters().get(room).stream()
                        .map(Member::subject)
                        .toList();
                write("entered " + room + " " + user + " " + String.join(",", names));
            }
        });
    }

    private void write(String line) {
        append(line.getBytes(StandardCharsets.UTF_8), null);
    }

    /** Whether the socket takes nothing. */
    void slow(boolean stuck) {
        slow = stuck;
        loop.execute(this::flush);
    }

    void close() {
        loop.execute(() -> {
            if (subscriber != null && !dead) {
                dead = true;
                subscriber.closed(CloseReason.CLIENT_GONE);
            }
            dead = true;
        });
    }

    /** Its node has died. */
    void die() {
        dead = true;
    }

    private void read(String line) {
        String[] words = line.split(" ", 4);
        switch (words[0]) {
            case "entered" -> entered(words[1], words[2], words[3]);
            case "left" -> rosters.remove(words[1]);
            case "join", "leave" -> happened(words[0].equals("join"), words[1], words[2]);
            case "message" -> {
                if (!rosters.containsKey(words[1])) {
                    error("was sent a message of a room that it is not in: " + line);
                }
            }
            default -> {}
        }
    }

    private void entered(String room, String self, String names) {
        List<String> there = names.isEmpty() ? List.of() : List.of(names.split(","));
        Set<String> roster = new TreeSet<>(there);
        if (roster.size() < there.size()) {
            error("was told some twice in " + room + ": " + there);
        }
        if (!self.equals(NOBODY) && !roster.contains(self)) {
            error("is not in its own roster of " + room + ": " + there);
        }
        if (rosters.put(room, roster) != null) {
            error("was let into " + room + " twice");
        }
        selves.put(room, self);
    }

    private void happened(boolean joins, String room, String user) {
        world.told++;
        Set<String> roster = rosters.get(room);
        if (roster == null) {
            error("was told of " + user + " in " + room + ", where it is not");
        } else if (user.equals(selves.get(room))) {
            error("was told of itself in " + room);
        } else if (joins ? !roster.add(user) : !roster.remove(user)) {
            error("was told that " + user + (joins ? " joins " : " leaves ") + room + ", which is no news");
        }
    }

    private void error(String what) {
        world.errors.add(world.time.now() + " " + id + " " + what);
    }

    /** Whom it is in a room, as it was told. */
    void addMember(Channel room, Set<String> expected) {
        String user = members.get(room);
        if (user != null && !user.equals(NOBODY)) {
            expected.add(user);
        }
    }

    /** At rest. */
    void check(Channel room, Set<String> truth) {
        Set<String> roster = rosters.get(room.name());
        if (members.containsKey(room) != (roster != null) || asked.containsKey(room) != (roster != null)) {
            error("asked " + asked + ", is in " + members + ", was told " + rosters);
        } else if (roster != null && !roster.equals(truth)) {
            error((format == SETTLED ? "settled" : "at once") + " says " + roster + " of " + room + ", true is "
                    + truth);
        }
    }

    // What the hub sees.

    @Override
    public String id() {
        return id;
    }

    @Override
    public String transport() {
        return "test";
    }

    @Override
    public EventLoop loop() {
        return loop;
    }

    @Override
    public WireFormat format() {
        return format;
    }

    @Override
    public void append(byte[] frame, Publication publication) {
        waiting.add(new String(frame, StandardCharsets.UTF_8));
        backlog += frame.length;
    }

    @Override
    public void flush() {
        if (slow || dead) {
            return;
        }
        boolean had = backlog > 0;
        for (String line = waiting.poll(); line != null; line = waiting.poll()) {
            read(line);
        }
        backlog = 0;
        if (had) {
            loop.execute(() -> {
                if (!dead) {
                    subscriber.drained();
                }
            });
        }
    }

    @Override
    public int backlog() {
        return backlog;
    }

    @Override
    public void close(CloseReason reason) {
        throw new AssertionError("nobody closes this: " + reason);
    }

    @Override
    public boolean joinsByPolicy() {
        return false;
    }

    @Override
    public void onOpen(Cursor cursor, boolean resumed) {
        open = true;
    }

    @Override
    public void onChange(ControlMessage.ChangeStream change) {}

    @Override
    public void onDrain(long reconnectMillis) {}
}
