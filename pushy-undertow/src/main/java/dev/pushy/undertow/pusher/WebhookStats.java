package dev.pushy.undertow.pusher;

/**
 * The numbers of a {@link WebhookSender} since it began.
 *
 * @param delivered events that receivers took
 * @param failures requests that were refused, or not answered
 * @param expired events given up because a receiver took none for too long
 * @param overflowed events given up because too many waited for a receiver, or to be looked at
 * @param discarded events given up because their app or webhook is no more, or the app could not be looked up, or the node
 *     ended
 * @param waiting events that wait now
 */
public record WebhookStats(
        long delivered, long failures, long expired, long overflowed, long discarded, long waiting) {}
