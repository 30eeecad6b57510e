package dev.pushy.server.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pushy.core.Position;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** What the cluster has retained when a round is over, and whether it is what was accepted. */
final class History {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Set<Position> retained = new HashSet<>();

    /** Asks any node for each channel. */
    static History of(Cluster cluster, Random random) {
        History history = new History();
        for (String channel : Names.CHANNELS) {
            Node node = cluster.any(random);
            if (node == null) {
                throw new AssertionError("no node lives");
            }
            history.read(cluster, node, channel);
        }
        return history;
    }

    private void read(Cluster cluster, Node node, String channel) {
        HttpRequest question = HttpRequest.newBuilder(node.uri("/history/" + channel + "?limit=1000&since=last:1000"))
                .timeout(Duration.ofSeconds(20))
                .header("X-Client-ID", Cluster.CLIENT_ID)
                .header("X-Client-Secret", Cluster.CLIENT_SECRET)
                .build();
        try {
            HttpResponse<String> answer = cluster.http().send(question, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new AssertionError(
                        node + " does not tell the history: " + answer.statusCode() + " " + answer.body());
            }
            for (JsonNode message : JSON.readTree(answer.body()).path("messages")) {
                Position position = Ledger.position(message.path("id").asText());
                if (position != null) {
                    retained.add(position);
                }
            }
        } catch (IOException e) {
            throw new AssertionError(node + " does not tell the history", e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    Set<Position> retained() {
        return retained;
    }

    /** What is wrong with it after a fault that loses nothing: a message is missing, or a publisher's order is not kept. */
    List<String> check(Ledger ledger) {
        List<String> faults = new ArrayList<>();
        Map<String, List<Message>> channels = new HashMap<>();
        for (Message message : ledger.ofRound()) {
            Position position = message.position();
            if (position != null) {
                channels.computeIfAbsent(message.channel + " of " + message.publisher, name -> new ArrayList<>())
                        .add(message);
                if (!retained.contains(position)) {
                    faults.add("LOST " + message);
                }
            }
        }
        channels.values().forEach(each -> checkOrder(each, faults));
        return faults;
    }

    private static void checkOrder(List<Message> messages, List<String> faults) {
        messages.sort((one, other) -> Integer.compare(one.number, other.number));
        for (int i = 1; i < messages.size(); i++) {
            Position before = messages.get(i - 1).position();
            Position after = messages.get(i).position();
            if (before != null && after != null && after.offset() <= before.offset()) {
                faults.add("ORDER OF PUBLISHER " + messages.get(i - 1) + " and " + messages.get(i));
            }
        }
    }
}
