package dev.pushy.server.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Takes the webhooks of the app: each member who is added is removed before he is added again, each channel that is
 * occupied is vacated before it is occupied again, but for what is repeated after a crash. When all is quiet those were
 * told who are there, and nobody else.
 */
final class Webhooks implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpServer server;
    /** Members and channels as they were told last; what is not in it is not known. */
    private final Map<String, Boolean> known = new TreeMap<>();
    /** What came in this round. */
    private final List<String> story = new ArrayList<>();

    /** Of what Redis may have lost what was to be told. */
    private final Set<String> unsure = new TreeSet<>();

    private final List<String> faults = new ArrayList<>();
    private final List<String> repeated = new ArrayList<>();

    Webhooks() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    /** Where it takes them. */
    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/webhooks";
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            take(JSON.readTree(exchange.getRequestBody()));
            exchange.sendResponseHeaders(204, -1);
        }
    }

    private synchronized void take(JsonNode body) {
        for (JsonNode event : body.path("events")) {
            story.add(body.path("time_ms").asText() + " " + event);
            String channel = event.path("channel").asText();
            String member = channel + "/" + event.path("user_id").asText();
            switch (event.path("name").asText()) {
                case "member_added" -> change(member, true);
                case "member_removed" -> change(member, false);
                case "channel_occupied" -> change(channel, true);
                case "channel_vacated" -> change(channel, false);
                default -> faults.add("WEBHOOK " + event);
            }
        }
    }

    private void change(String what, boolean there) {
        Boolean before = known.put(what, there);
        unsure.remove(what);
        if (before != null && before == there) {
            repeated.add("WEBHOOK TWICE " + what + (there ? " came" : " went"));
        }
    }

    /** Whether those were told who are there, and no others. */
    synchronized boolean agrees(Members members) {
        return differing(members).isEmpty();
    }

    private List<String> differing(Members members) {
        Set<String> there = new TreeSet<>();
        members.of(Members.LOBBY).forEach(member -> {
            there.add(Members.LOBBY);
            there.add(Members.LOBBY + "/" + member);
        });
        Set<String> all = new TreeSet<>(there);
        all.addAll(known.keySet());
        return all.stream()
                .filter(what -> what.equals(Members.LOBBY) || what.startsWith(Members.LOBBY + "/"))
                .filter(what -> !unsure.contains(what))
                .filter(what -> known.getOrDefault(what, false) != there.contains(what))
                .toList();
    }

    /**
     * What is wrong by now; a new round begins.
     *
     * @param mayRepeat whether it is right that things were told twice
     */
    synchronized List<String> judge(Members members, boolean mayRepeat) {
        List<String> all = new ArrayList<>(faults);
        if (!mayRepeat) {
            all.addAll(repeated);
        }
        differing(members).forEach(what -> all.add("WEBHOOK of " + what + " is wrong or missing"));
        faults.clear();
        repeated.clear();
        return all;
    }

    /** Things happened of which they need not tell: what they tell next of these may be whatever it is. */
    synchronized void forgive(Members members) {
        List<String> differing = differing(members);
        faults.clear();
        repeated.clear();
        known.keySet().removeAll(differing);
        unsure.addAll(differing);
    }

    /** What came in this round, once. */
    synchronized String story() {
        String all = String.join("\n", story);
        story.clear();
        return all;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
