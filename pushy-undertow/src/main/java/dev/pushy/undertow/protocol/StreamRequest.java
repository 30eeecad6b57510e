package dev.pushy.undertow.protocol;

import dev.pushy.core.ChannelPattern;
import dev.pushy.core.Grant;
import dev.pushy.core.Pushy;
import dev.pushy.core.Resume;
import java.util.ArrayList;
import java.util.List;

/**
 * What a client wants when it connects, checked against its token.
 *
 * @param patterns its subscriptions
 * @param resume where they begin
 */
public record StreamRequest(List<ChannelPattern> patterns, Resume resume) {

    /** Copies the list. */
    public StreamRequest {
        patterns = List.copyOf(patterns);
    }

    /**
     * Reads the query and the Last-Event-ID of a request.
     *
     * @param granted whether a request that names no channel means all that the token lists
     * @throws dev.pushy.core.InvalidChannelException if a name is none
     * @throws RequestException if the token does not allow one, or there are too many
     */
    public static StreamRequest read(Pushy pushy, ClientRequest request, Grant grant, boolean granted) {
        List<String> texts = new ArrayList<>();
        for (String list : request.query().getOrDefault("channels", List.of())) {
            for (String text : list.split(",", -1)) {
                texts.add(text.strip());
            }
        }
        texts.addAll(request.query().getOrDefault("channel", List.of()));
        boolean named =
                request.query().containsKey("channels") || request.query().containsKey("channel");
        List<ChannelPattern> patterns =
                named || !granted ? Names.patterns(pushy.limits(), grant.app(), texts) : List.copyOf(grant.subscribe());
        if (named) {
            Names.requireGranted(grant, patterns);
        }
        Names.requireRoom(pushy.limits(), List.of(), patterns);
        return new StreamRequest(patterns, resume(pushy, request));
    }

    private static Resume resume(Pushy pushy, ClientRequest request) {
        String since = request.lastEventId();
        if (since == null || since.isEmpty()) {
            since = request.first("last_event_id");
        }
        if (since == null || since.isEmpty()) {
            since = request.first("since");
        }
        return since == null ? Resume.NOW : Resume.parse(since, pushy.hub().partitions());
    }
}
