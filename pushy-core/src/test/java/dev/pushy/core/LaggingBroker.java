package dev.pushy.core;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** A broker in memory whose requests and answers take their time, as over a network. Now and then an answer is lost. */
final class LaggingBroker extends QuestionedBroker {
    private static final int LOST_OF = 20;

    private final VirtualTime time;

    LaggingBroker(MemoryBroker broker, VirtualTime time) {
        super(broker);
        this.time = time;
    }

    @Override
    <T> CompletionStage<T> ask(Supplier<CompletionStage<T>> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        time.after(
                time.lag(),
                () -> question.get()
                        .whenComplete((value, failure) -> time.after(time.lag(), () -> {
                            if (failure != null) {
                                answer.completeExceptionally(failure);
                            } else if (time.random.nextInt(LOST_OF) == 0) {
                                answer.completeExceptionally(new UnavailableException("the answer was lost"));
                            } else {
                                answer.complete(value);
                            }
                        })));
        return answer;
    }
}
