package dev.pushy.undertow.pusher;

import dev.pushy.undertow.protocol.RawJson;
import dev.pushy.undertow.protocol.RequestException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whom a connection is signed in as, from what the app signed.
 *
 * @param id who it is
 * @param info what is told of the user where it is a member, a JSON object or {@code null}
 * @param watchlist whose coming and going it wants to hear, each once
 */
record PusherUser(String id, String info, List<String> watchlist) {
    private static final String NOTHING = "null";

    PusherUser {
        watchlist = List.copyOf(watchlist);
    }

    /**
     * Reads the data of a user.
     *
     * @return null if it has no id of at most so many characters, or a part of it is of a wrong type
     */
    static @Nullable PusherUser read(String userData, int idLength, int depth) {
        try {
            return of(RawJson.object(userData.getBytes(StandardCharsets.UTF_8), depth), idLength, depth);
        } catch (RequestException malformed) {
            return null;
        }
    }

    private static @Nullable PusherUser of(Map<String, RawJson> members, int idLength, int depth) {
        String id = text(members.get("id"));
        Set<String> watchlist = watchlist(members.get("watchlist"), depth);
        RawJson info = members.get("user_info");
        if (id == null || id.isEmpty() || id.length() > idLength || watchlist == null) {
            return null;
        }
        if (info == null || info.isNull()) {
            return new PusherUser(id, NOTHING, List.copyOf(watchlist));
        }
        return info.isObject() ? new PusherUser(id, info.json(), List.copyOf(watchlist)) : null;
    }

    private static @Nullable String text(@Nullable RawJson value) {
        return value == null ? null : value.text();
    }

    private static @Nullable Set<String> watchlist(@Nullable RawJson value, int depth) {
        if (value == null || value.isNull()) {
            return Set.of();
        }
        List<RawJson> elements = value.elements(depth);
        if (elements == null) {
            return null;
        }
        Set<String> ids = new LinkedHashSet<>();
        for (RawJson element : elements) {
            String id = element.text();
            if (id == null) {
                return null;
            }
            ids.add(id);
        }
        return ids;
    }

    /** The id alone: what is said of a user may be private. */
    @Override
    public String toString() {
        return "PusherUser[" + id + "]";
    }
}
