package dev.pushy.redis;

import org.junit.jupiter.api.extension.RegisterExtension;

class RedisPresenceStoreTest extends RedisPresenceContract {
    @RegisterExtension
    static final RedisSite SITE = new SingleSite(RedisServer.Kind.PATH);

    @Override
    String url() {
        return SITE.url();
    }
}
