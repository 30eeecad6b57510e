package dev.pushy.redis;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class RedisSessionDirectoryOn62Test extends RedisSessionContract {
    private static RedisServer server;

    @BeforeAll
    static void startRedis() {
        server = RedisServer.start(RedisServer.Kind.EMBEDDED);
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
