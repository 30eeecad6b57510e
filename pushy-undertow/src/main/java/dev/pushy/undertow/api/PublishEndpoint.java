package dev.pushy.undertow.api;

import dev.pushy.core.Channel;
import dev.pushy.core.Pushy;
import dev.pushy.undertow.protocol.Fault;
import dev.pushy.undertow.protocol.JsonText;
import dev.pushy.undertow.protocol.MessageRequest;
import dev.pushy.undertow.protocol.Names;
import dev.pushy.undertow.protocol.PublishAccess;
import dev.pushy.undertow.protocol.RawJson;
import dev.pushy.undertow.protocol.RequestException;

/** {@code POST /publish/{channel}}: one message, from a publisher or from the holder of a token. */
final class PublishEndpoint implements Endpoint {
    /** What may stand in a body besides the data. */
    static final int ENVELOPE_BYTES = 4 * 1024;

    static final int ENVELOPE_DEPTH = 1;

    private final String name;

    PublishEndpoint(String channel) {
        this.name = channel;
    }

    @Override
    public void handle(Call call) {
        Pushy pushy = call.settings().pushy();
        if (call.hasPublisher() || !call.hasToken()) {
            Publisher publisher = call.publisher();
            Channel channel = Names.channel(pushy.limits(), publisher.app(), name);
            requirePublisher(publisher, channel);
            read(call, channel, false);
        } else {
            call.withGrant(grant -> {
                Channel channel = Names.channel(pushy.limits(), grant.app(), name);
                PublishAccess.requireClient(pushy, grant, channel);
                read(call, channel, true);
            });
        }
    }

    static void requirePublisher(Publisher publisher, Channel channel) {
        if (!publisher.may(channel)) {
            throw new RequestException(
                    Fault.FORBIDDEN,
                    "this publisher may not use " + channel + ": its channels do not cover it; add it to them");
        }
    }

    private static void read(Call call, Channel channel, boolean fromClient) {
        Pushy pushy = call.settings().pushy();
        int limit = pushy.policies().of(channel).dataBytes() + ENVELOPE_BYTES;
        call.body(limit, body -> {
            MessageRequest message = MessageRequest.read(
                    pushy, channel, RawJson.object(body, pushy.limits().jsonDepth() + ENVELOPE_DEPTH), fromClient);
            call.await(pushy.publish(message.publication(), message.options()), receipt -> {
                JsonText answer = JsonText.object().put("id", receipt.id()).put("channel", channel.name());
                call.answer(receipt.duplicate() ? answer.put("duplicate", true) : answer);
            });
        });
    }
}
