package dev.pushy.redis;

import org.junit.jupiter.api.extension.RegisterExtension;

class RedisPresenceStoreOn62Test extends RedisPresenceContract {
    @RegisterExtension
    static final RedisSite SITE = new SingleSite(RedisServer.Kind.EMBEDDED);

    @Override
    String url() {
        return SITE.url();
    }
}
