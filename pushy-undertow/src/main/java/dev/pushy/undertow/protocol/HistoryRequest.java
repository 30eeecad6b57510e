package dev.pushy.undertow.protocol;

import dev.pushy.core.Channel;
import dev.pushy.core.Cursor;
import dev.pushy.core.HistoryPage;
import dev.pushy.core.HistoryQuery;
import dev.pushy.core.Publication;
import dev.pushy.core.Pushy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Which retained messages a client asks for.
 *
 * @param query what to read
 * @param lost whether the client's cursor belongs to no log that is known: what is answered cannot be complete
 */
public record HistoryRequest(HistoryQuery query, boolean lost) {
    private static final int DEFAULT_LIMIT = 50;

    /**
     * Checks the values.
     *
     * @param since a cursor, or null; one that nobody knows is no error
     * @throws RequestException if the limit is out of its range
     */
    public static HistoryRequest of(Pushy pushy, @Nullable Long limit, @Nullable String since, boolean reverse) {
        int most = pushy.limits().historyMessages();
        long asked = limit == null ? Math.min(DEFAULT_LIMIT, most) : limit;
        if (asked < 1 || asked > most) {
            throw new RequestException(
                    Fault.INVALID_REQUEST,
                    "\"limit\" is " + asked + ", it must be 1 to " + most + ": read on with the answer's cursor");
        }
        Optional<Cursor> cursor = since == null || since.isEmpty()
                ? Optional.empty()
                : Cursor.parse(since, pushy.hub().partitions());
        boolean lost = since != null && !since.isEmpty() && cursor.isEmpty();
        return new HistoryRequest(new HistoryQuery((int) asked, cursor.orElse(null), reverse), lost);
    }

    /**
     * Reads, so much that the messages of the answer have about so many bytes at most, but one message at least.
     */
    public CompletionStage<Answer> read(Pushy pushy, Channel channel, long bytes) {
        return pushy.history(channel, query).thenCompose(page -> {
            int fitting = fitting(page, bytes);
            if (fitting == page.messages().size()) {
                return CompletableFuture.completedStage(Answer.of(page, lost));
            }
            // Read again, for the cursor that belongs to fewer messages.
            HistoryQuery fewer = new HistoryQuery(fitting, query.since(), query.reverse());
            return pushy.history(channel, fewer).thenApply(again -> Answer.of(again, lost));
        });
    }

    private static int fitting(HistoryPage page, long bytes) {
        long sum = 0;
        int count = 0;
        for (Publication publication : page.messages()) {
            sum += publication.data().length + 200;
            if (sum > bytes && count > 0) {
                return count;
            }
            count++;
        }
        return count;
    }

    /** Retained messages, ready to be written. */
    public record Answer(List<String> messages, boolean complete, String cursor) {
        private static Answer of(HistoryPage page, boolean lost) {
            List<String> messages = new ArrayList<>(page.messages().size());
            for (Publication publication : page.messages()) {
                messages.add(new String(Envelope.json(publication, ""), StandardCharsets.UTF_8));
            }
            return new Answer(messages, page.complete() && !lost, page.cursor().toString());
        }

        /** Adds messages, whether they are all, and where to read on. */
        public JsonText put(JsonText text) {
            return text.putRaw("messages", messages).put("complete", complete).put("cursor", cursor);
        }
    }
}
