package dev.pushy.examples.embedded;

import dev.pushy.core.Pushy;
import dev.pushy.core.jwt.JwtTokenService;
import dev.pushy.redis.RedisBackplane;
import dev.pushy.redis.RedisConfig;

/** One of several nodes. The page on embedding shows the body of its method; a test keeps the two equal. */
final class Joined {
    private Joined() {}

    /**
     * Starts a node that is joined with the others.
     *
     * @param url of the Redis that all of them use, such as {@code redis://127.0.0.1:6379}
     * @param secret that tokens are signed with, the same on all nodes
     */
    static Pushy start(String url, String secret) {
        RedisBackplane redis = RedisBackplane.create(RedisConfig.builder(url).build());
        Pushy pushy = Pushy.builder()
                .broker(redis.broker())
                .presence(redis.presence())
                .tokens(JwtTokenService.hs512(secret))
                .start();
        return pushy;
    }
}
