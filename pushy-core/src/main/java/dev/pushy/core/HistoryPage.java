package dev.pushy.core;

import java.util.List;

/**
 * Retained messages of a channel.
 *
 * @param messages in the order asked for
 * @param complete whether these are all messages that the query stands for: nothing was cut by the limit, and nothing
 *     since the cursor has been lost
 * @param cursor where to read on
 */
public record HistoryPage(List<Publication> messages, boolean complete, Cursor cursor) {

    /** Copies the list. */
    public HistoryPage {
        messages = List.copyOf(messages);
    }
}
