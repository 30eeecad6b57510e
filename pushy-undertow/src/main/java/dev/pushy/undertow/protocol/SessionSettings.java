package dev.pushy.undertow.protocol;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;

/**
 * What all sessions of one handler share.
 *
 * @param authTimeout how long a WebSocket may be open without a token
 * @param tokenLeeway how long a token is good after its {@code exp}; part of {@link dev.pushy.core.Grant#expiresAt()}
 * @param workers runs what may block; throws {@link java.util.concurrent.RejectedExecutionException} when it is full
 * @param clock tells when tokens expire
 * @param draining whether the node takes no more clients
 */
public record SessionSettings(
        Duration authTimeout, Duration tokenLeeway, Executor workers, InstantSource clock, BooleanSupplier draining) {

    /** Checks the values. */
    public SessionSettings {
        Objects.requireNonNull(workers, "workers");
        Objects.requireNonNull(clock, "clock");
        Objects.requireNonNull(draining, "draining");
        if (authTimeout.isNegative() || authTimeout.isZero()) {
            throw new IllegalArgumentException("authTimeout is " + authTimeout + ", it must be positive");
        }
    }
}
