package dev.pushy.undertow.protocol;

import dev.pushy.core.EventLoop;
import dev.pushy.core.Grant;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The check of one token on a worker, whose result comes back to the connection's loop. */
final class TokenCheck {
    private TokenCheck() {}

    /**
     * Begins a check.
     *
     * @param request that the token came with, or null
     * @param then gets the grant, or why there is none; on the loop, at once where no worker is free
     */
    static void begin(
            ClientAccess access,
            SessionSettings settings,
            EventLoop loop,
            ClientAccess.Presented token,
            @Nullable ClientRequest request,
            BiConsumer<@Nullable Grant, @Nullable Throwable> then) {
        WorkerCall.begin(settings.workers(), loop, () -> access.verify(token, request), then);
    }
}
