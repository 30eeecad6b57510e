package dev.pushy.undertow.wire;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pushy.core.Cursor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A client as the documentation wants it: keeps its last cursor, resumes with it, and asks again for what it had asked for
 * when the connection broke. Writes down what it hears. Driven by one thread.
 */
final class WireClient implements WireListener {

    final int index;
    final boolean sse;
    final List<Heard> log = new ArrayList<>();
    /** What it heard that nobody may hear. */
    final List<String> faults = new ArrayList<>();

    private final World world;
    private final Random random;
    private final Set<String> wanted = new LinkedHashSet<>();
    private final Set<String> owed = new HashSet<>();
    private final Map<String, Asked> asked = new LinkedHashMap<>();
    /** Where it left a pattern that it may come back to. */
    private final Map<String, Cursor> left = new HashMap<>();

    private final Set<String> sent = new HashSet<>();
    final Set<String> everWanted = new HashSet<>();
    private @Nullable WireSocket socket;
    private @Nullable Cursor cursor;
    private boolean opened;
    private int life;
    int away;
    int asleep;

    /** A subscription on its way: where it begins, and whether that is where the client left it. */
    private static final class Asked {
        private @Nullable Cursor since;
        private boolean continued;
    }

    WireClient(World world, int index, Random random) {
        this.world = world;
        this.index = index;
        this.random = random;
        this.sse = random.nextBoolean();
        int count = 1 + random.nextInt(3);
        while (wanted.size() < count) {
            wanted.add(Names.ALL.get(random.nextInt(Names.ALL.size())));
        }
        everWanted.addAll(wanted);
    }

    boolean isConnected() {
        return socket != null;
    }

    /** Whether nothing that it asked for is missing. */
    boolean isSettled() {
        return socket != null && opened && asked.isEmpty();
    }

    void connect() {
        if (socket != null) {
            return;
        }
        life++;
        world.came();
        opened = false;
        sent.clear();
        StringBuilder target = new StringBuilder(world.prefix())
                .append("/channels/")
                .append(sse ? "stream" : "ws")
                .append("?channels=")
                .append(String.join(",", wanted));
        StringBuilder headers = new StringBuilder();
        if (cursor != null) {
            int way = random.nextInt(3);
            if (way == 0 && sse) {
                headers.append("Last-Event-ID: ").append(cursor).append("\r\n");
            } else {
                target.append(way == 1 ? "&last_event_id=" : "&since=").append(cursor);
            }
        }
        boolean tokenLater = !sse && random.nextInt(5) == 0;
        if (!tokenLater) {
            headers.append("Authorization: Bearer any\r\n");
        }
        log.add(new Heard.Connected(life, cursor, world.journal().incidents()));
        try {
            WireSocket made = WireSocket.open(
                    world.port(),
                    world.receiveBuffer(),
                    sse,
                    target.toString(),
                    headers.toString(),
                    new NativeReader(this));
            socket = made;
            if (tokenLater) {
                made.sendText("{\"type\":\"auth\",\"token\":\"any\"}");
            }
        } catch (IOException e) {
            throw new AssertionError("client " + index + " cannot connect", e);
        }
    }

    /** Reads at most so many bytes; returns how many. */
    int read(int most) {
        WireSocket from = socket;
        return from == null ? 0 : from.read(most);
    }

    /** Ends the connection in one of the ways in which connections end. */
    void drop() {
        WireSocket old = socket;
        if (old == null) {
            return;
        }
        socket = null;
        switch (random.nextInt(4)) {
            case 0 -> old.close(true);
            case 1 -> world.forget(old.vanish());
            default -> old.close(false);
        }
        away = random.nextInt(12);
    }

    /** Subscribes on the open connection, where it left off if it can. */
    void add() {
        String name = Names.ALL.get(random.nextInt(Names.ALL.size()));
        if (sse
                || socket == null
                || !socket.isUpgraded()
                || wanted.contains(name)
                || Names.overlapsAny(name, asked.keySet())) {
            return;
        }
        left.keySet().removeIf(other -> !other.equals(name) && Names.overlap(other, name));
        if (Names.overlapsAny(name, wanted)) {
            left.remove(name);
        }
        Asked asking = new Asked();
        asking.since = random.nextInt(5) < 3 ? left.get(name) : null;
        asking.continued = asking.since != null;
        if (!asking.continued) {
            left.remove(name);
        }
        everWanted.add(name);
        asked.put(name, asking);
        log.add(new Heard.Asked(name));
        ask(name, asking);
    }

    private void ask(String name, Asked asking) {
        if (sent.add(name)) {
            String since = asking.since == null ? "" : ",\"since\":\"" + asking.since + "\"";
            send("{\"type\":\"subscribe\",\"channels\":[\"" + name + "\"],\"ref\":\"" + name + "\"" + since + "}");
        }
    }

    /** Unsubscribes on the open connection. */
    void remove() {
        List<String> names = List.copyOf(wanted);
        String name = names.get(random.nextInt(names.size()));
        if (sse
                || socket == null
                || !socket.isUpgraded()
                || names.size() < 2
                || Names.overlapsAny(name, asked.keySet())) {
            return;
        }
        wanted.remove(name);
        sent.remove(name);
        log.add(new Heard.Removed(name));
        if (owed.remove(name) && cursor != null && !Names.overlapsAny(name, wanted)) {
            left.put(name, cursor);
        }
        send("{\"type\":\"unsubscribe\",\"channels\":[\"" + name + "\"]}");
    }

    private void send(String text) {
        try {
            if (socket != null) {
                socket.sendText(text);
            }
        } catch (IOException gone) {
            lost("end of stream");
        }
    }

    private void lost(String why) {
        socket = null;
        away = random.nextInt(6);
        if (!world.mayEnd(why)) {
            faults.add("CLOSED life " + life + ": " + why);
        }
    }

    @Override
    public void onMessage(JsonNode envelope, @Nullable String at) {
        String channel = envelope.path("channel").asText();
        Journal.Message message =
                world.journal().message(envelope.path("data").path("n").asInt());
        if (message == null
                || !message.channel().equals(channel)
                || !message.id().equals(envelope.path("id").asText())) {
            faults.add("UNKNOWN " + envelope + " is " + message);
            return;
        }
        boolean added = envelope.has("since");
        if (added) {
            String pending = asked.keySet().stream()
                    .filter(name -> Names.matches(name, channel))
                    .findFirst()
                    .orElse(null);
            if (pending != null) {
                asked.get(pending).since = parse(envelope.path("since").asText());
            }
            if (pending != null || Names.anyMatches(wanted, channel)) {
                log.add(new Heard.Got(message, life));
            }
            if (at != null) {
                faults.add("CURSOR a message of an added subscription has one: " + envelope);
            }
            return;
        }
        if (Names.anyMatches(wanted, channel)) {
            log.add(new Heard.Got(message, life));
        } else if (!Names.anyMatches(everWanted, channel)) {
            faults.add("UNASKED " + message);
        }
        if (at != null) {
            onCheckpoint(at);
        }
    }

    private Cursor parse(String text) {
        return Cursor.parse(text, world.scenario().partitions())
                .orElseThrow(() -> new AssertionError("not a cursor: " + text));
    }

    @Override
    public void onCheckpoint(String at) {
        cursor = parse(at);
        log.add(new Heard.Moved(cursor, life));
    }

    @Override
    public void onOpen(JsonNode open) {
        opened = true;
        int now = world.journal().now();
        for (String name : wanted) {
            if (owed.add(name)) {
                log.add(new Heard.Owed(name, now, false));
            }
        }
        asked.forEach(this::ask);
    }

    @Override
    public void onGap(JsonNode gap) {
        List<String> channels = new ArrayList<>();
        gap.path("channels").forEach(name -> channels.add(name.asText()));
        log.add(new Heard.Lost(
                channels, gap.path("reason").asText(), life, world.journal().incidents()));
    }

    @Override
    public void onSubscribed(JsonNode answer) {
        String name = answer.path("ref").asText();
        Asked asking = asked.remove(name);
        if (asking == null) {
            faults.add("UNASKED " + answer);
            return;
        }
        if (asking.continued && answer.path("since_ignored").asBoolean()) {
            faults.add("IGNORED " + answer);
        }
        wanted.add(name);
        owed.add(name);
        left.remove(name);
        log.add(new Heard.Owed(name, world.journal().now(), asking.continued));
    }

    @Override
    public void onError(String what) {
        if (socket == null || socket.isEnded()) {
            lost(what);
        } else {
            faults.add("ERROR life " + life + ": " + what);
        }
    }

    @Override
    public String toString() {
        return "client " + index + (sse ? " sse " : " websocket ") + wanted + " asked " + asked.keySet() + " life "
                + life + " cursor " + cursor + (opened ? " open " : " not open ") + socket;
    }
}
