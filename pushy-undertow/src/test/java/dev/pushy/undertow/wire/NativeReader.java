package dev.pushy.undertow.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Understands the native protocol in both of its transports. */
public final class NativeReader implements WireReader {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final WireListener listener;

    public NativeReader(WireListener listener) {
        this.listener = listener;
    }

    @Override
    public void onBlock(@Nullable String id, String event, @Nullable String data) {
        if (data == null) {
            if (id != null) {
                listener.onCheckpoint(id);
            }
            return;
        }
        JsonNode json = json(data);
        switch (event) {
            case "pushy:open" -> listener.onOpen(json);
            case "pushy:gap" -> listener.onGap(json);
            case "pushy:subscribed" -> listener.onSubscribed(json);
            case "pushy:unsubscribed" -> {}
            case "pushy:join" -> listener.onJoin(json);
            case "pushy:leave" -> listener.onLeave(json);
            case "pushy:reconnect" -> listener.onReconnect(json);
            case "pushy:error" -> listener.onError(data);
            default -> {
                if (event.startsWith("pushy:")) {
                    listener.onError("unexpected " + event);
                } else {
                    listener.onMessage(json, id);
                }
            }
        }
        if (id != null && event.startsWith("pushy:")) {
            listener.onError("a control event with an id: " + event);
        }
    }

    @Override
    public void onText(String text) {
        JsonNode json = json(text);
        JsonNode at = json.path("cursor");
        switch (json.path("type").asText()) {
            case "message" -> {
                String own = at.isMissingNode() ? json.path("id").asText() : at.isNull() ? null : at.asText();
                listener.onMessage(json, json.has("since") ? null : own);
            }
            case "open" -> {
                checkpoint(at);
                listener.onOpen(json);
            }
            case "gap" -> listener.onGap(json);
            case "checkpoint" -> checkpoint(at);
            case "subscribed" -> {
                checkpoint(at);
                listener.onSubscribed(json);
            }
            case "unsubscribed" -> checkpoint(at);
            case "join" -> listener.onJoin(json);
            case "leave" -> listener.onLeave(json);
            case "reconnect" -> listener.onReconnect(json);
            default -> listener.onError(json.toString());
        }
    }

    private void checkpoint(JsonNode at) {
        if (at.isTextual()) {
            listener.onCheckpoint(at.asText());
        }
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new AssertionError("not JSON: " + text, e);
        }
    }

    @Override
    public void onError(String what) {
        listener.onError(what);
    }
}
