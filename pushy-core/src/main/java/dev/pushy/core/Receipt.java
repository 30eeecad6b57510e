package dev.pushy.core;

/**
 * A broker's word that it accepted a message.
 *
 * @param id the message id
 * @param position its place in the order, or {@link Position#NONE} for a live-only message
 * @param duplicate whether the message was published before with the same idempotency key; id and position are those of
 *     the first
 */
public record Receipt(String id, Position position, boolean duplicate) {}
