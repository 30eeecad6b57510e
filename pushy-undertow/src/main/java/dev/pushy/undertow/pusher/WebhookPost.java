package dev.pushy.undertow.pusher;

import dev.pushy.core.EventLoop;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Sends webhooks over HTTP, each within a time, and follows no redirect. On threads of the JDK's client. */
final class WebhookPost {
    private final Serial serial;
    private final Duration timeout;
    /** Made when it is needed first: it brings all of TLS with it, which would slow the start of every node. */
    private @Nullable HttpClient client;

    /**
     * Has sent nothing yet.
     *
     * @param serial has the timers, and is where all calls come from
     * @param timeout from the begin of a request to the end of its answer
     */
    WebhookPost(Serial serial, Duration timeout) {
        this.serial = serial;
        this.timeout = timeout;
    }

    private HttpClient client() {
        HttpClient present = client;
        if (present == null) {
            present = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .connectTimeout(timeout)
                    .build();
            client = present;
        }
        return present;
    }

    /** Completes with the status of the answer. */
    CompletionStage<Integer> send(Webhook webhook, AppKey key, byte[] body) {
        try {
            return send(request(webhook, key, body));
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static HttpRequest request(Webhook webhook, AppKey key, byte[] body) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(webhook.url()).POST(HttpRequest.BodyPublishers.ofByteArray(body));
        webhook.headers().forEach(request::setHeader);
        // Exactly so: the library for Node compares it as a text.
        request.setHeader("Content-Type", "application/json");
        request.setHeader("X-Pusher-Key", key.key());
        request.setHeader("X-Pusher-Signature", PusherAuth.sign(key, body));
        return request.build();
    }

    private CompletionStage<Integer> send(HttpRequest request) {
        CompletableFuture<HttpResponse<Void>> sent =
                client().sendAsync(request, HttpResponse.BodyHandlers.discarding());
        // The client's own time-out ends with the head of the answer, whose body may never end.
        EventLoop.Timer late = serial.after(timeout.toMillis(), () -> sent.cancel(true));
        return sent.thenApply(HttpResponse::statusCode).whenComplete((status, failure) -> late.cancel());
    }
}
