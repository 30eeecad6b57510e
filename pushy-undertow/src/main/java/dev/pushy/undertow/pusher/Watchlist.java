package dev.pushy.undertow.pusher;

import dev.pushy.core.Channel;
import dev.pushy.core.ChannelPattern;
import dev.pushy.core.Entry;
import dev.pushy.core.Member;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The users whose coming and going a client hears: how all of them stand at first, then each change, which the format makes
 * of the members of their channels. Bounded by the app's limit. Confined to the loop.
 *
 * <p>Source: <a href="https://pusher.com/docs/channels/using_channels/watchlist-events/">watchlist events</a>.
 */
final class Watchlist {
    private static final Entry SETTLED = new Entry(null, Integer.MAX_VALUE, Entry.Roster.SETTLED, false);

    private final PusherClient client;
    private List<Channel> watched = List.of();

    Watchlist(PusherClient client) {
        this.client = client;
    }

    /** Watches these users, and those no more that were watched before. */
    void watch(List<String> userIds) {
        if (!watched.isEmpty()) {
            List<ChannelPattern> before =
                    watched.stream().map(ChannelPattern::of).toList();
            client.pace().asked();
            client.subscriber().remove(before, cursor -> client.pace().answered());
        }
        Map<String, Channel> channels = new LinkedHashMap<>();
        for (String userId : userIds) {
            if (canSignIn(userId)) {
                channels.put(userId, PusherChannels.online(client.app(), userId));
            }
        }
        watched = List.copyOf(channels.values());
        if (watched.isEmpty()) {
            tell(userIds, Set.of());
            return;
        }
        client.pace().asked();
        client.subscriber().enter(watched, SETTLED, entered -> {
            client.pace().answered();
            tell(userIds, online(channels, entered.rosters()));
        });
    }

    /** Whether it can be anybody's id. */
    private boolean canSignIn(String userId) {
        return !userId.isEmpty() && userId.length() <= PusherChannels.userIdLength(client.app());
    }

    private static Set<String> online(Map<String, Channel> channels, Map<Channel, List<Member>> rosters) {
        Set<String> online = new HashSet<>();
        channels.forEach((userId, channel) -> {
            if (!rosters.getOrDefault(channel, List.of()).isEmpty()) {
                online.add(userId);
            }
        });
        return online;
    }

    private void tell(List<String> userIds, Set<String> online) {
        if (userIds.isEmpty()) {
            return;
        }
        PusherUser self = client.user();
        List<String> present = new ArrayList<>();
        List<String> absent = new ArrayList<>();
        for (String userId : userIds) {
            boolean own = self != null && self.id().equals(userId);
            (own || online.contains(userId) ? present : absent).add(userId);
        }
        Map<String, List<String>> states = new LinkedHashMap<>();
        states.put("online", present);
        states.put("offline", absent);
        client.send(PusherMessages.watchlist(states));
    }
}
