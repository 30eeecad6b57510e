package dev.pushy.server.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pushy.core.Position;
import dev.pushy.undertow.wire.NativeReader;
import dev.pushy.undertow.wire.WireListener;
import dev.pushy.undertow.wire.WireSocket;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A client over SSE or WebSocket that keeps its last cursor, and resumes with it on any node. */
final class NativeSubscriber extends Subscriber implements WireListener {
    private final boolean sse;
    private final String token;
    private final List<String> wanted;
    private final Map<String, Track> tracks = new TreeMap<>();
    private @Nullable String cursor;
    private boolean open;
    /** Whether it was ever told that it is subscribed; from there on everything is owed to it. */
    private boolean owed;

    NativeSubscriber(String name, Random random, boolean sse, String token, List<String> wanted) {
        super(name + " " + (sse ? "sse" : "ws") + " " + wanted, random);
        this.sse = sse;
        this.token = token;
        this.wanted = wanted;
        wanted.forEach(each -> Names.matching(each).forEach(channel -> tracks.put(channel, new Track(channel))));
    }

    @Override
    WireSocket open(Node node, int receiveBuffer) throws IOException {
        String target = "/channels/" + (sse ? "stream" : "ws") + "?channels=" + String.join(",", wanted);
        String headers = "Authorization: Bearer " + token + "\r\n";
        if (cursor != null && sse && random.nextBoolean()) {
            headers += "Last-Event-ID: " + cursor + "\r\n";
        } else if (cursor != null) {
            target += "&since=" + cursor;
        }
        WireSocket made = WireSocket.open(node.port(), receiveBuffer, sse, target, headers, new NativeReader(this));
        log.add(new Heard.Connected(node.name(), position()));
        return made;
    }

    private @Nullable Position position() {
        return cursor == null ? null : Ledger.position(cursor);
    }

    @Override
    boolean isSettled() {
        return isConnected() && open;
    }

    @Override
    boolean hasHeard(Marks marks) {
        return tracks.values().stream().allMatch(track -> track.highest >= marks.number(track.channel));
    }

    @Override
    void closed() {
        open = false;
    }

    @Override
    public void onMessage(JsonNode envelope, @Nullable String at) {
        String id = envelope.path("id").asText();
        String channel = envelope.path("channel").asText();
        int number = envelope.path("data").path("n").asInt();
        log.add(new Heard.Got(number, channel, Ledger.position(id)));
        if (at == null) {
            log.add(new Heard.Fault("no cursor: " + envelope));
        } else {
            cursor = at;
        }
        Track track = tracks.get(channel);
        if (track == null) {
            log.add(new Heard.Fault("UNASKED " + envelope));
        } else {
            track.highest = Math.max(track.highest, number);
        }
    }

    @Override
    public void onCheckpoint(String at) {
        cursor = at;
        Position position = position();
        if (position == null) {
            log.add(new Heard.Fault("not a cursor: " + at));
        } else {
            log.add(new Heard.Moved(position));
        }
    }

    @Override
    public void onOpen(JsonNode opened) {
        open = true;
        log.add(new Heard.Opened(position()));
    }

    @Override
    public void onGap(JsonNode gap) {
        List<String> channels = new ArrayList<>();
        gap.path("channels").forEach(each -> channels.add(each.asText()));
        log.add(new Heard.Lost(channels, gap.path("reason").asText()));
    }

    @Override
    public void onSubscribed(JsonNode answer) {
        log.add(new Heard.Fault("UNASKED " + answer));
    }

    @Override
    public void onReconnect(JsonNode reconnect) {
        // It comes back when the connection ends, as it always does.
    }

    @Override
    public void onJoin(JsonNode join) {
        // Others watch who is there.
    }

    @Override
    public void onLeave(JsonNode leave) {
        // As above.
    }

    @Override
    public void onError(String what) {
        error(what);
    }

    @Override
    void testify(Ledger ledger) {
        for (Heard heard : log) {
            if (heard instanceof Heard.Got got && got.position() != null) {
                Message message = ledger.message(got.number());
                if (message != null) {
                    message.sighted(got.position());
                }
            }
        }
    }

    @Override
    List<String> judge(Round round) {
        Verdict verdict = new Verdict(round, this);
        for (Heard heard : log) {
            if (heard instanceof Heard.Opened opened && !owed) {
                owed = true;
                tracks.values().forEach(track -> track.begin(opened.cursor()));
            } else if (heard instanceof Heard.Lost lost) {
                verdict.gap(lost);
                affected(lost).forEach(channel -> tracks.get(channel).gap(lost.reason()));
            } else if (heard instanceof Heard.Moved moved) {
                tracks.values().forEach(track -> track.hold(verdict, moved.cursor()));
            } else if (heard instanceof Heard.Got got) {
                got(verdict, got);
            } else {
                verdict.common(heard);
            }
        }
        tracks.values().forEach(track -> track.end(verdict));
        return verdict.faults();
    }

    private void got(Verdict verdict, Heard.Got got) {
        Position position = got.position();
        Track track = tracks.get(got.channel());
        if (position == null || track == null) {
            verdict.fault("UNKNOWN " + got);
        } else if (verdict.knows(got)) {
            track.got(verdict, position, got);
            tracks.values().forEach(each -> each.hold(verdict, position));
        }
    }

    private List<String> affected(Heard.Lost lost) {
        return lost.channels().stream()
                .flatMap(name -> Names.matching(name).stream())
                .filter(tracks::containsKey)
                .toList();
    }

    @Override
    public String toString() {
        return super.toString() + " cursor " + cursor + (open ? " open" : " not open");
    }
}
