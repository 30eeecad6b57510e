package dev.pushy.undertow.wire;

import dev.pushy.core.Channel;
import dev.pushy.core.ChannelPattern;
import dev.pushy.core.Grant;
import dev.pushy.core.InvalidTokenException;
import dev.pushy.core.Limits;
import dev.pushy.core.Publication;
import dev.pushy.core.Pushy;
import dev.pushy.core.Receipt;
import dev.pushy.core.TokenService;
import dev.pushy.undertow.PushyHandler;
import java.util.List;
import java.util.function.UnaryOperator;

/** A node behind a real server, for tests that count. The token {@code any} may do everything. */
final class Node implements AutoCloseable {
    final WireServer server;
    final Pushy pushy;
    final String prefix;
    private final PushyHandler handler;

    Node(int sendBuffer, Limits limits, UnaryOperator<PushyHandler.Builder> settings) {
        server = new WireServer(sendBuffer);
        pushy = Pushy.builder().tokens(new OneToken()).limits(limits).start();
        handler = settings.apply(PushyHandler.builder(pushy).publisher("tests", "0123456789abcdef"))
                .build();
        prefix = server.mount(handler);
    }

    private static final class OneToken implements TokenService {
        @Override
        public Grant verify(String token) {
            if (!token.equals("any")) {
                throw new InvalidTokenException("the token is not \"any\"");
            }
            return Grant.of("anna", List.of(ChannelPattern.of("**")));
        }

        @Override
        public String issue(Grant grant) {
            throw new UnsupportedOperationException("no tokens are issued");
        }
    }

    int port() {
        return server.port();
    }

    String stream(String channels) {
        return prefix + "/channels/stream?token=any&channels=" + channels;
    }

    String webSocket(String channels) {
        return prefix + "/channels/ws?token=any&channels=" + channels;
    }

    Receipt publish(String channel, String json) {
        return pushy.publish(Publication.of(Channel.of(channel), json))
                .toCompletableFuture()
                .join();
    }

    @Override
    public void close() {
        handler.close();
        server.close();
        pushy.close();
    }
}
