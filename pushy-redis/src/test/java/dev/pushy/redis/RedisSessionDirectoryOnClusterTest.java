package dev.pushy.redis;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class RedisSessionDirectoryOnClusterTest extends RedisSessionContract {
    private static RedisCluster cluster;

    @BeforeAll
    static void startRedis() {
        cluster = RedisCluster.start(3);
    }

    @AfterAll
    static void stopRedis() {
        cluster.close();
    }

    @Override
    String url() {
        return cluster.url();
    }
}
