package dev.pushy.server.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pushy.undertow.wire.WireReader;
import dev.pushy.undertow.wire.WireSocket;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Reads the Pusher protocol for a subscriber, and answers what is the same for all. */
abstract class PusherReader implements WireReader {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Subscriber subscriber;

    PusherReader(Subscriber subscriber) {
        this.subscriber = subscriber;
    }

    /** Connects to a node. */
    WireSocket open(Node node, int receiveBuffer) throws IOException {
        String target = "/app/" + Cluster.PUSHER_KEY + "?protocol=7&client=oracle&version=1.0";
        WireSocket made = WireSocket.open(node.port(), receiveBuffer, false, target, "", this);
        subscriber.log.add(new Heard.Connected(node.name(), null));
        return made;
    }

    /** An event that concerns what was subscribed; false if it is none. */
    abstract boolean onEvent(String name, String channel, JsonNode data);

    @Override
    public void onText(String text) {
        try {
            JsonNode event = JSON.readTree(text);
            String name = event.path("event").asText();
            if (name.equals("pusher:ping")) {
                subscriber.send("{\"event\":\"pusher:pong\",\"data\":{}}");
            } else if (name.equals("pusher:error")) {
                onError(event);
            } else if (!onEvent(name, event.path("channel").asText(), data(event))) {
                fault("UNKNOWN " + event);
            }
        } catch (IOException e) {
            fault("not JSON: " + text);
        }
    }

    private static JsonNode data(JsonNode event) throws IOException {
        return JSON.readTree(event.path("data").asText());
    }

    /** An error that only says that the connection is about to be closed is judged with the end. */
    private void onError(JsonNode event) {
        int code = event.path("data").path("code").asInt();
        if (code < 4100 || code >= 4300) {
            fault("ERROR " + event);
        }
    }

    private void fault(String what) {
        subscriber.log.add(new Heard.Fault(what));
    }

    @Override
    public void onBlock(@Nullable String id, String event, @Nullable String data) {
        onError("a block on a WebSocket");
    }

    @Override
    public void onError(String what) {
        subscriber.error(what);
    }
}
