package dev.pushy.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.PresenceStore.Transition;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** When a node has dealt with a transition that several of its listeners hear. */
class TransitionListenersTest {
    private static final Transition TRANSITION =
            new Transition("t", Transition.Kind.OCCUPIED, Channel.of("room"), "", 0);
    private static final IllegalStateException FAILURE = new IllegalStateException("as the test wants it");

    private final FailingPresence store = new FailingPresence(MemoryPresenceStore.create());
    private final List<String> heard = new ArrayList<>();

    private PushyListener answering(CompletionStage<Void> stage) {
        return new PushyListener() {
            @Override
            public CompletionStage<Void> onTransition(Transition transition) {
                heard.add(transition.id());
                return stage;
            }

            @Override
            public void onClosing() {
                heard.add("closing");
            }
        };
    }

    private static PushyListener throwing() {
        return new PushyListener() {
            @Override
            public CompletionStage<Void> onTransition(Transition transition) {
                throw FAILURE;
            }
        };
    }

    private Pushy node(PushyListener... listeners) {
        Pushy.Builder node = Pushy.builder().presence(store);
        List.of(listeners).forEach(node::listener);
        return node.start();
    }

    @Test
    void nobodyCares_isDoneWithoutAStageOfItsOwn() {
        try (Pushy node = node(new PushyListener() {}, throwing(), answering(Transition.DONE))) {
            assertSame(Transition.DONE, store.tell(TRANSITION));
            assertEquals(List.of("t"), heard);
            node.close();
            assertEquals(List.of("t", "closing"), heard);
        }
    }

    @Test
    void oneCares_hisStageIsTheAnswer() {
        CompletableFuture<Void> stage = new CompletableFuture<>();
        try (Pushy node = node(answering(Transition.DONE), answering(stage), throwing(), new PushyListener() {})) {
            assertSame(stage, store.tell(TRANSITION));
            assertTrue(node.isStarted());
        }
    }

    @Test
    void severalCare_isDoneWhenAllAre() {
        CompletableFuture<Void> first = new CompletableFuture<>();
        CompletableFuture<Void> second = new CompletableFuture<>();
        CompletableFuture<Void> third = new CompletableFuture<>();
        try (Pushy node = node(answering(first), answering(second), answering(third))) {
            CompletableFuture<Void> all = store.tell(TRANSITION).toCompletableFuture();
            first.complete(null);
            third.complete(null);
            assertFalse(all.isDone());
            second.complete(null);
            assertTrue(all.isDone() && !all.isCompletedExceptionally());
            assertTrue(node.isStarted());
        }
    }

    @Test
    void severalCare_oneFails_itFails() {
        CompletableFuture<Void> first = new CompletableFuture<>();
        CompletableFuture<Void> second = new CompletableFuture<>();
        try (Pushy node = node(answering(first), answering(second))) {
            CompletableFuture<Void> all = store.tell(TRANSITION).toCompletableFuture();
            first.completeExceptionally(FAILURE);
            second.complete(null);
            assertTrue(all.isCompletedExceptionally());
            assertTrue(node.isStarted());
        }
    }
}
