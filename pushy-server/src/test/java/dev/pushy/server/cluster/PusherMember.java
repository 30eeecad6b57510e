package dev.pushy.server.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.pusher.rest.SignatureUtil;
import dev.pushy.undertow.wire.WireSocket;
import java.io.IOException;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/** A member of a presence channel of the Pusher protocol. */
final class PusherMember extends Member {
    private static final ObjectMapper JSON = new ObjectMapper();

    private boolean subscribed;

    PusherMember(String subject, Random random) {
        super(subject, Members.LOBBY, "pusher", random);
    }

    @Override
    WireSocket open(Node node, int receiveBuffer) throws IOException {
        String target = "/app/" + Cluster.PUSHER_KEY + "?protocol=7&client=oracle&version=1.0";
        WireSocket made = WireSocket.open(node.port(), receiveBuffer, false, target, "", new Reader());
        log.add(new Heard.Connected(node.name(), null));
        return made;
    }

    @Override
    boolean isSettled() {
        return isHere() == isConnected() && isHere() == subscribed;
    }

    @Override
    void closed() {
        subscribed = false;
        view.reset();
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
        String data = event.path("data").asText();
        switch (event.path("event").asText()) {
            case "pusher:connection_established" ->
                subscribe(JSON.readTree(data).path("socket_id").asText());
            case "pusher_internal:subscription_succeeded" -> {
                Set<String> members = new TreeSet<>();
                JSON.readTree(data).path("presence").path("ids").forEach(id -> members.add(id.asText()));
                view.begin(members);
                subscribed = true;
                log.add(new Heard.Subscribed(channel, System.nanoTime()));
            }
            case "pusher_internal:member_added" ->
                view.comes(JSON.readTree(data).path("user_id").asText());
            case "pusher_internal:member_removed" ->
                view.goes(JSON.readTree(data).path("user_id").asText());
            case "pusher:ping" -> send("{\"event\":\"pusher:pong\",\"data\":{}}");
            case "pusher:error" -> {
                if (!PusherReader.announcesEnd(event)) {
                    log.add(new Heard.Fault("ERROR " + event));
                }
            }
            case "pushy:gap" -> {} // nothing is published here that could be missed
            default -> log.add(new Heard.Fault("UNKNOWN " + event));
        }
    }

    private void subscribe(String socket) {
        String user = "{\\\"user_id\\\":\\\"" + subject + "\\\"}";
        String signature =
                SignatureUtil.sign(socket + ":" + channel + ":" + user.replace("\\", ""), Cluster.PUSHER_SECRET);
        send("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"" + channel + "\",\"auth\":\""
                + Cluster.PUSHER_KEY + ":" + signature + "\",\"channel_data\":\"" + user + "\"}}");
    }
}
