package dev.pushy.redis;

import org.junit.jupiter.api.extension.RegisterExtension;

class RedisPresenceStoreOnClusterTest extends RedisPresenceContract {
    @RegisterExtension
    static final RedisSite SITE = new ClusterSite(RedisServer.Kind.PATH, 3);

    @Override
    String url() {
        return SITE.url();
    }
}
