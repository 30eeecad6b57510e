package dev.pushy.server.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pushy.core.Position;
import dev.pushy.undertow.wire.WireSocket;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * A client of the Pusher protocol, which has no cursor: whoever comes back misses what was sent meanwhile. While it is
 * connected it is owed what all are.
 */
final class PusherSubscriber extends Subscriber {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<String> wanted;
    private final Map<String, Track> tracks = new TreeMap<>();
    private int subscribed;

    PusherSubscriber(String name, Random random, List<String> wanted) {
        super(name + " pusher " + wanted, random);
        this.wanted = wanted;
        wanted.forEach(channel -> tracks.put(channel, new Track(channel)));
    }

    @Override
    WireSocket open(Node node, int receiveBuffer) throws IOException {
        String target = "/app/" + Cluster.PUSHER_KEY + "?protocol=7&client=oracle&version=1.0";
        WireSocket made = WireSocket.open(node.port(), receiveBuffer, false, target, "", new Reader());
        log.add(new Heard.Connected(node.name(), null));
        subscribed = 0;
        tracks.values().forEach(track -> track.highest = 0);
        return made;
    }

    @Override
    boolean isSettled() {
        return isConnected() && subscribed == wanted.size();
    }

    @Override
    boolean hasHeard(Marks marks) {
        return tracks.values().stream().allMatch(track -> track.highest >= marks.number(track.channel));
    }

    @Override
    void closed() {
        subscribed = 0;
    }

    /** Reads its texts. */
    private final class Reader extends PusherReader {
        @Override
        public void onText(String text) {
            try {
                event(JSON.readTree(text));
            } catch (IOException e) {
                log.add(new Heard.Fault("not JSON: " + text));
            }
        }

        @Override
        public void onError(String what) {
            error(what);
        }
    }

    private void event(JsonNode event) throws IOException {
        String channel = event.path("channel").asText();
        switch (event.path("event").asText()) {
            case "pusher:connection_established" ->
                wanted.forEach(
                        each -> send("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"" + each + "\"}}"));
            case "pusher_internal:subscription_succeeded" -> {
                subscribed++;
                log.add(new Heard.Subscribed(channel, System.nanoTime()));
            }
            case "pusher:ping" -> send("{\"event\":\"pusher:pong\",\"data\":{}}");
            case "pusher:error" -> {
                if (!PusherReader.announcesEnd(event)) {
                    log.add(new Heard.Fault("ERROR " + event));
                }
            }
            case "pushy:gap" ->
                log.add(new Heard.Lost(
                        List.of(channel),
                        JSON.readTree(event.path("data").asText())
                                .path("reason")
                                .asText()));
            case "message" -> message(channel, event.path("data").asText());
            default -> log.add(new Heard.Fault("UNKNOWN " + event));
        }
    }

    private void message(String channel, String data) throws IOException {
        int number = JSON.readTree(data).path("n").asInt();
        log.add(new Heard.Got(number, channel, null));
        Track track = tracks.get(channel);
        if (track == null) {
            log.add(new Heard.Fault("UNASKED #" + number + " on " + channel));
        } else {
            track.highest = Math.max(track.highest, number);
        }
    }

    @Override
    List<String> judge(Round round) {
        Verdict verdict = new Verdict(round, this);
        for (Heard heard : log) {
            if (heard instanceof Heard.Subscribed succeeded && tracks.containsKey(succeeded.channel())) {
                tracks.get(succeeded.channel()).begin(succeeded.at());
            } else if (heard instanceof Heard.Lost lost) {
                verdict.gap(lost);
                lost.channels().stream()
                        .filter(tracks::containsKey)
                        .forEach(channel -> tracks.get(channel).gap(lost.reason()));
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
        Track track = tracks.get(got.channel());
        if (track == null || !verdict.knows(got)) {
            return;
        }
        Message message = verdict.message(got.number());
        Position position = message.position();
        if (position == null) {
            return;
        }
        if (verdict.mayBeTwo(message)) {
            track.gotOneOfTwo(position);
        } else {
            track.got(verdict, position, got);
            track.hold(verdict, position);
        }
    }
}
