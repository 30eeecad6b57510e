package dev.pushy.core;

/**
 * The message that a broker keeps of a channel for those who come later, apart from its history.
 *
 * @param expiresAt milliseconds since 1970 from which it is not kept any more
 */
public record Retained(Publication publication, long expiresAt) {}
