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

/**
 * Takes the webhooks of the app: each member who is added is removed before he is added again, each channel that is
 * occupied is vacated before it is occupied again.
 */
final class Webhooks implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpServer server;
    /** Members and channels as they were told last; what is not in it is not known. */
    private final Map<String, Boolean> known = new TreeMap<>();
    /** What came in this round. */
    private final List<String> story = new ArrayList<>();

    private final List<String> faults = new ArrayList<>();

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
        if (before != null && before == there) {
            faults.add("WEBHOOK TWICE " + what + (there ? " came" : " went"));
        }
    }

    /** Whether those were told who are there, and no others. */
    synchronized boolean agrees(Members members) {
        return differing(members).isEmpty();
    }

    private List<String> differing(Members members) {
        Set<String> there = members.of(Members.LOBBY);
        List<String> differing = new ArrayList<>();
        known.forEach((what, is) -> {
            String subject = what.substring(what.indexOf('/') + 1);
            if (what.startsWith(Members.LOBBY + "/") && is != there.contains(subject)) {
                differing.add(what);
            }
        });
        return differing;
    }

    /** What is wrong by now; a new round begins. */
    synchronized List<String> judge(Members members) {
        List<String> all = new ArrayList<>(faults);
        differing(members).forEach(what -> all.add("WEBHOOK of " + what + " is wrong or missing"));
        faults.clear();
        return all;
    }

    /** Things happened of which they need not tell: what they tell next of these may be whatever it is. */
    synchronized void forgive(Members members) {
        faults.clear();
        known.keySet().removeAll(differing(members));
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
