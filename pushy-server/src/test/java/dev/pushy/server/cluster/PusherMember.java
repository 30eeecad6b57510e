package dev.pushy.server.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.pusher.rest.SignatureUtil;
import dev.pushy.undertow.wire.WireSocket;
import java.io.IOException;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/** A member of a presence channel of the Pusher protocol. */
final class PusherMember extends Member {
    private boolean subscribed;

    PusherMember(String subject, Random random) {
        super(subject, Members.LOBBY, "pusher", random);
    }

    @Override
    WireSocket open(Node node, int receiveBuffer) throws IOException {
        return new Reader().open(node, receiveBuffer);
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

    /** Hears who is there. */
    private final class Reader extends PusherReader {
        private Reader() {
            super(PusherMember.this);
        }

        @Override
        boolean onEvent(String name, String channel, JsonNode data) {
            switch (name) {
                case "pusher:connection_established" ->
                    subscribe(data.path("socket_id").asText());
                case "pusher_internal:subscription_succeeded" -> {
                    Set<String> members = new TreeSet<>();
                    data.path("presence").path("ids").forEach(id -> members.add(id.asText()));
                    view.begin(members);
                    subscribed = true;
                    log.add(new Heard.Subscribed(channel, System.nanoTime()));
                }
                case "pusher_internal:member_added" ->
                    view.comes(data.path("user_id").asText());
                case "pusher_internal:member_removed" ->
                    view.goes(data.path("user_id").asText());
                case "pushy:gap" -> {} // nothing is published here that could be missed
                default -> {
                    return false;
                }
            }
            return true;
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
