package dev.pushy.examples.embedded;

import dev.pushy.core.Pushy;
import dev.pushy.core.jwt.JwtTokenService;
import dev.pushy.undertow.PushyHandler;
import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import java.util.Map;

/** The least that puts Pushy into an application. README.md shows the body of its method; a test keeps the two equal. */
final class Minimal {
    private Minimal() {}

    /**
     * Starts an application with Pushy in it, and publishes.
     *
     * @param app what the application serves
     * @param secret that tokens are signed with, at least 32 bytes
     * @param publisherSecret by which other backends publish over HTTP, at least 16 characters
     */
    static Undertow start(int port, HttpHandler app, String secret, String publisherSecret) {
        Pushy pushy = Pushy.builder().tokens(JwtTokenService.hs512(secret)).start();
        PushyHandler push = PushyHandler.builder(pushy)
                .publisher("backend", publisherSecret)
                .build();
        Undertow server = Undertow.builder()
                .addHttpListener(port, "127.0.0.1")
                .setHandler(Handlers.path(app).addPrefixPath("/push", push))
                .build();
        server.start();

        pushy.publish("orders.42", Map.of("state", "paid"));
        return server;
    }
}
