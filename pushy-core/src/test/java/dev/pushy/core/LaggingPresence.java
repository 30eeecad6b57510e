package dev.pushy.core;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * A presence store in memory whose requests and answers take their time, and whose events come on a link that breaks and
 * loses what is under way.
 */
final class LaggingPresence extends ForwardingPresence {
    private final MemoryPresenceStore store;
    private final VirtualTime time;
    private final VirtualTime.Lane link;
    private boolean cut;
    private boolean away;
    private int session;

    LaggingPresence(MemoryPresenceStore store, VirtualTime time) {
        super(store);
        this.store = store;
        this.time = time;
        this.link = time.new Lane(1);
    }

    /** Nothing comes any more, nor what is under way. */
    void cut() {
        cut = true;
        session++;
    }

    void heal() {
        cut = false;
    }

    /** Refuses requests; some of what it refuses it has done all the same. */
    void away(boolean gone) {
        away = gone;
    }

    MemoryPresenceStore store() {
        return store;
    }

    private <T> CompletionStage<T> later(Supplier<CompletionStage<T>> request) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        time.after(time.lag(), () -> {
            boolean refused = away;
            CompletionStage<T> result = refused && time.random.nextBoolean() ? failed() : request.get();
            result.whenComplete((value, failure) -> time.after(time.lag(), () -> {
                if (failure == null && !refused) {
                    answer.complete(value);
                } else {
                    answer.completeExceptionally(new UnavailableException("as the test wants it"));
                }
            }));
        });
        return answer;
    }

    private static <T> CompletionStage<T> failed() {
        return CompletableFuture.failedFuture(new UnavailableException("as the test wants it"));
    }

    @Override
    public void start(Listener listener) {
        super.start(new Ear(listener) {
            @Override
            public void onPresence(ChannelEvent event) {
                deliver(() -> super.onPresence(event));
            }

            @Override
            public void onMarker(Channel channel, long marker) {
                deliver(() -> super.onMarker(channel, marker));
            }

            private void deliver(Runnable call) {
                int sent = session;
                if (!cut) {
                    link.execute(() -> {
                        if (sent == session) {
                            call.run();
                        }
                    });
                }
            }
        });
    }

    @Override
    public CompletionStage<Boolean> update(Channel channel, Member member, int most) {
        return later(() -> super.update(channel, member, most));
    }

    @Override
    public CompletionStage<List<Member>> members(Channel channel) {
        return later(() -> super.members(channel));
    }

    @Override
    public CompletionStage<List<Member>> members(Channel channel, long marker) {
        return later(() -> super.members(channel, marker));
    }
}
