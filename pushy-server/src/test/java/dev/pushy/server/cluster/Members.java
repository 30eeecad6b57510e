package dev.pushy.server.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Who is on the channels with presence in truth.
 *
 * @param subjects by channel
 */
record Members(Map<String, Set<String>> subjects) {
    /** Where native clients meet. */
    static final String ROOM = "room.1";
    /** Where Pusher clients meet. */
    static final String LOBBY = "presence-lobby";

    private static final ObjectMapper JSON = new ObjectMapper();

    Set<String> of(String channel) {
        return subjects.getOrDefault(channel, Set.of());
    }

    /** Who is in both of these. */
    Members alsoIn(Members before) {
        Map<String, Set<String>> both = new HashMap<>();
        subjects.forEach((channel, members) -> {
            Set<String> stayed = new TreeSet<>(members);
            stayed.retainAll(before.of(channel));
            both.put(channel, stayed);
        });
        return new Members(both);
    }

    /** What a node answers that is not so, or nothing. */
    String differences(Cluster cluster) {
        StringBuilder differences = new StringBuilder();
        for (Node node : cluster.nodes()) {
            for (String channel : new String[] {ROOM, LOBBY}) {
                Set<String> told = ask(cluster, node, channel);
                if (!told.equals(of(channel))) {
                    differences.append(
                            node + " answers " + told + " on " + channel + ", in truth " + of(channel) + "; ");
                }
            }
        }
        return differences.toString();
    }

    private static Set<String> ask(Cluster cluster, Node node, String channel) {
        HttpRequest question = HttpRequest.newBuilder(node.uri("/presence/" + channel))
                .timeout(Duration.ofSeconds(20))
                .header("X-Client-ID", Cluster.CLIENT_ID)
                .header("X-Client-Secret", Cluster.CLIENT_SECRET)
                .build();
        Set<String> members = new TreeSet<>();
        try {
            HttpResponse<String> answer = cluster.http().send(question, HttpResponse.BodyHandlers.ofString());
            for (JsonNode member : JSON.readTree(answer.body()).path("members")) {
                members.add(member.path("subject").asText());
            }
            if (answer.statusCode() != 200) {
                members.add("answer " + answer.statusCode());
            }
        } catch (IOException e) {
            members.add(e.toString());
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return members;
    }
}
