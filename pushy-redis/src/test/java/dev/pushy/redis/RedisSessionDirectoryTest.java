package dev.pushy.redis;

import org.junit.jupiter.api.extension.RegisterExtension;

class RedisSessionDirectoryTest extends RedisSessionContract {
    @RegisterExtension
    static final RedisSite SITE = new SingleSite(RedisServer.Kind.PATH);

    @Override
    String url() {
        return SITE.url();
    }
}
