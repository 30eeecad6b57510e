package dev.pushy.server;

import dev.pushy.core.ChannelPattern;
import dev.pushy.core.MemoryBroker;
import dev.pushy.core.Pushy;
import dev.pushy.core.TokenService;
import dev.pushy.core.jwt.JwtTokenService;
import dev.pushy.undertow.PushyHandler;
import dev.pushy.undertow.api.Publisher;
import java.net.URI;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Makes the parts of a node as the configuration wants them. */
final class Wiring {
    private Wiring() {}

    /**
     * The node.
     *
     * @throws ConfigException if a key that the configuration names is not good
     */
    static Pushy pushy(ServerConfig config, PusherPart pusher, Optional<RedisPart> redis) {
        Pushy.Builder pushy = Pushy.builder().policies(config.policies()).limits(config.limits());
        redis.ifPresentOrElse(part -> part.addTo(pushy), () -> pushy.broker(broker(config.history())));
        pusher.addTo(pushy);
        if (config.apps().stream().anyMatch(AppConfig::isVerifiable)) {
            pushy.tokens(tokens(config));
        }
        if (config.tokens().maxLife() != null) {
            pushy.maximumTokenLife(config.tokens().maxLife());
        }
        return pushy.start();
    }

    /** The API of the node. */
    static PushyHandler handler(ServerConfig config, Pushy pushy, PusherPart pusher, Optional<RedisPart> redis) {
        PushyHandler.Builder handler = PushyHandler.builder(pushy)
                .tokenTtl(config.tokens().ttl())
                .maxTokenTtl(config.tokens().maxTtl())
                .tokenLeeway(config.tokens().leeway())
                .queryTokens(config.tokens().query())
                .authTimeout(config.tokens().authTimeout())
                .bodyTimeout(config.bodyTime())
                .streams(config.streams().heartbeat(), config.streams().maxAge())
                .ping(config.streams().ping())
                .compression(config.streams().compression())
                .sockJsHeartbeat(config.streams().sockJsHeartbeat())
                .workers(config.threads().worker(), config.threads().queue());
        pusher.addTo(handler);
        redis.ifPresent(part -> part.addTo(handler));
        for (AppConfig app : config.apps()) {
            handler.allowedOrigins(app.id(), app.corsOrigins());
            for (AppConfig.Publisher publisher : app.publishers()) {
                handler.publisher(new Publisher(
                        app.id(),
                        publisher.id(),
                        publisher.secrets().stream().map(Wiring::hashed).toList(),
                        publisher.channels().stream()
                                .map(pattern -> ChannelPattern.of(app.id(), pattern))
                                .toList()));
            }
        }
        return handler.build();
    }

    /** Only the hash is handed on: nothing else needs the secret, and in development mode it may be short. */
    private static String hashed(Secret secret) {
        if (secret.reveal().startsWith("sha256:")) {
            return secret.reveal();
        }
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(secret.bytes());
            return "sha256:" + HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static MemoryBroker broker(ServerConfig.History history) {
        MemoryBroker.Builder broker = MemoryBroker.builder().indexAge(history.indexAge());
        if (history.memory() != null) {
            broker.maxBytes(history.memory());
        }
        return broker.build();
    }

    private static TokenService tokens(ServerConfig config) {
        JwtTokenService.Builder tokens = JwtTokenService.builder()
                .leeway(config.tokens().leeway())
                .life(config.tokens().ttl())
                .requireExpiry(config.tokens().requireExp())
                .issuers(config.tokens().issuers().toArray(String[]::new))
                .audiences(config.tokens().audiences().toArray(String[]::new));
        if (config.dev()) {
            tokens.allowShortSecrets();
        }
        List<Fault> faults = new ArrayList<>();
        for (AppConfig app : config.apps()) {
            app.keys()
                    .forEach(key ->
                            tokens.secret(app.id(), key.kid(), key.secret().reveal()));
            for (AppConfig.PublicKeyFile key : app.publicKeys()) {
                try {
                    tokens.publicKey(app.id(), key.kid(), Path.of(key.file()));
                } catch (IllegalArgumentException e) {
                    faults.add(
                            new Fault(null, "apps." + app.id() + ".public-keys", key.file() + ": " + e.getMessage()));
                }
            }
            if (app.jwksUrl() != null) {
                try {
                    tokens.jwks(app.id(), URI.create(app.jwksUrl()));
                } catch (IllegalArgumentException e) {
                    faults.add(new Fault(null, "apps." + app.id() + ".jwks-url", String.valueOf(e.getMessage())));
                }
            }
        }
        if (!faults.isEmpty()) {
            throw new ConfigException(faults);
        }
        return tokens.build();
    }
}
