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
 * there joins, only who is there leaves, and nothing comes of rooms that it is not in, nor of itself. Of the messages that
 * are logged none is missing behind the one that is retained, and none comes twice.
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

    /** The last message of each room, or -1. */
    private final Map<String, Integer> heard = new HashMap<>();
    /** How many messages there were when it was let in. */
    private final Map<String, Integer> atMost = new HashMap<>();

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
        boolean retained = world.random.nextBoolean();
        subscriber.enter(List.of(room), new Entry(member, most, view, retained), entered -> {
            if (entered.full()) {
                asked.remove(room, request);
                write("full " + room);
            } else {
                members.put(room, user);
                List<String> names = entered.rosters().get(room).stream()
                        .map(Member::subject)
                        .toList();
                write("entered " + room + " " + user + " " + last(room, entered, retained) + " " + world.published(room)
                        + " " + String.join(",", names));
            }
        });
    }

    /** The number of the message before the first that is to come, or -1 where that is not told. */
    private static int last(Channel room, Entered entered, boolean retained) {
        Retained kept = entered.retained().get(room);
        if (kept != null) {
            return number(new String(kept.publication().data(), StandardCharsets.UTF_8));
        }
        return retained && entered.missing().contains(room) ? 0 : -1;
    }

    private static int number(String data) {
        return Integer.parseInt(data);
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
        String[] words = line.split(" ", 6);
        switch (words[0]) {
            case "entered" -> {
                entered(words[1], words[2], words[5]);
                heard.put(words[1], number(words[3]));
                atMost.put(words[1], number(words[4]));
            }
            case "left" -> rosters.remove(words[1]);
            case "join", "leave" -> happened(words[0].equals("join"), words[1], words[2]);
            case "message" -> message(words[1], number(words[2]));
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

    private void message(String room, int number) {
        if (!rosters.containsKey(room)) {
            error("was sent message " + number + " of " + room + ", where it is not");
        } else if (number > 0) {
            int before = heard.put(room, number);
            boolean follows = before < 0 ? number <= atMost.get(room) + 1 : number == before + 1;
            if (!follows) {
                error("was sent message " + number + " of " + room + " behind " + before
                        + "; it was let in when there were " + atMost.get(room));
            }
        }
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
        int all = world.published(room);
        if (roster != null && heard.get(room.name()) < all && atMost.get(room.name()) < all) {
            error("heard messages up to " + heard.get(room.name()) + " of " + room + ", there are " + all);
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
