package dev.pushy.server.cluster;

import com.fasterxml.jackson.databind.JsonNode;
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
        WireSocket made = new Reader().open(node, receiveBuffer);
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

    /** Hears the messages. */
    private final class Reader extends PusherReader {
        private Reader() {
            super(PusherSubscriber.this);
        }

        @Override
        boolean onEvent(String name, String channel, JsonNode data) {
            switch (name) {
                case "pusher:connection_established" ->
                    wanted.forEach(
                            each -> send("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"" + each + "\"}}"));
                case "pusher_internal:subscription_succeeded" -> {
                    subscribed++;
                    log.add(new Heard.Subscribed(channel, System.nanoTime()));
                }
                case "pushy:gap" ->
                    log.add(new Heard.Lost(List.of(channel), data.path("reason").asText()));
                case "message" -> message(channel, data.path("n").asInt());
                default -> {
                    return false;
                }
            }
            return true;
        }
    }

    private void message(String channel, int number) {
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
