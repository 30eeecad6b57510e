package dev.pushy.redis;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The Redis of a test class: started before its first test, killed behind its last. */
final class RedisHost implements BeforeAllCallback, AfterAllCallback {
    private final RedisServer.Kind kind;
    private final List<RedisServer> servers = new ArrayList<>();
    private int users;

    RedisHost(RedisServer.Kind kind) {
        this.kind = kind;
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        users++;
        if (users == 1) {
            servers.add(RedisServer.start(kind));
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        users--;
        if (users == 0) {
            servers.forEach(RedisServer::close);
            servers.clear();
        }
    }

    /** The one that is in charge. */
    RedisServer server() {
        return servers.get(0);
    }

    RedisServer startAnother(String... arguments) {
        RedisServer another = RedisServer.start(kind, arguments);
        servers.add(another);
        return another;
    }

    /** Another one is in charge from now on; the old one is dead. */
    void replace(RedisServer successor) {
        servers.remove(0);
        servers.remove(successor);
        servers.add(0, successor);
    }
}
