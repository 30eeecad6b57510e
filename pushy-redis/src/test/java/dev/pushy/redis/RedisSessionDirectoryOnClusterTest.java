package dev.pushy.redis;

import org.junit.jupiter.api.extension.RegisterExtension;

class RedisSessionDirectoryOnClusterTest extends RedisSessionContract {
    @RegisterExtension
    static final RedisSite SITE = new ClusterSite(RedisServer.Kind.PATH, 3);

    @Override
    String url() {
        return SITE.url();
    }
}
