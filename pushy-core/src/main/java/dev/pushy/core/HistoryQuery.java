package dev.pushy.core;

import org.jspecify.annotations.Nullable;

/**
 * Which retained messages of a channel to read.
 *
 * @param limit the most messages to answer with
 * @param since only messages after this cursor, or null for all
 * @param reverse newest first
 */
public record HistoryQuery(int limit, @Nullable Cursor since, boolean reverse) {}
