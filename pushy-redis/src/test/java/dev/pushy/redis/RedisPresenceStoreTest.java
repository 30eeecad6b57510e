package dev.pushy.redis;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class RedisPresenceStoreTest extends RedisPresenceContract {
    private static RedisServer server;

    @BeforeAll
    static void startRedis() {
        server = RedisServer.start(RedisServer.Kind.PATH);
    }

    @AfterAll
    static void stopRedis() {
        server.close();
    }

    @Override
    String url() {
        return server.url();
    }
}
