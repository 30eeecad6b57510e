package dev.pushy.redis;

import org.junit.jupiter.api.extension.RegisterExtension;

class RedisSessionDirectoryOn62Test extends RedisSessionContract {
    @RegisterExtension
    static final RedisSite SITE = new SingleSite(RedisServer.Kind.EMBEDDED);

    @Override
    String url() {
        return SITE.url();
    }
}
