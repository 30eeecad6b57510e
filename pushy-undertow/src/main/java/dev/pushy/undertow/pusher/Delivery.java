package dev.pushy.undertow.pusher;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What becomes of one event on its way to its receivers. It has ended when each of them has it, or it was given up for that
 * receiver, and whoever made the delivery has let go of it. Where one was not served because the node ends the delivery
 * fails, so that another node makes it.
 *
 * <p>Lives on the sender's {@link Serial}; the stage is for any thread.
 */
final class Delivery {
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    /** One for each receiver, and one for whoever made this. */
    private int open = 1;

    private boolean broken;

    /** Completes with the delivery. */
    CompletionStage<Void> stage() {
        return end.minimalCompletionStage();
    }

    /** One more receiver is to have it. */
    void begin() {
        open++;
    }

    /** One receiver has it, or it was given up; or it is known by now who is to have it. */
    void end() {
        if (--open > 0) {
            return;
        }
        if (broken) {
            end.completeExceptionally(new IllegalStateException("the node ended before the event was delivered"));
        } else {
            end.complete(null);
        }
    }

    /** One receiver will not have it from this node. */
    void fail() {
        broken = true;
        end();
    }

    /** The event was told a second time: that ends as this one does. */
    void endAlso(Delivery other) {
        stage().whenComplete((done, failure) -> {
            if (failure == null) {
                other.end();
            } else {
                other.fail();
            }
        });
    }
}
