package dev.pushy.undertow.api;

import dev.pushy.core.Channel;
import dev.pushy.core.Pushy;
import dev.pushy.core.Receipt;
import dev.pushy.undertow.protocol.Fault;
import dev.pushy.undertow.protocol.Fields;
import dev.pushy.undertow.protocol.JsonText;
import dev.pushy.undertow.protocol.MessageRequest;
import dev.pushy.undertow.protocol.Names;
import dev.pushy.undertow.protocol.RawJson;
import dev.pushy.undertow.protocol.RequestException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /publish}: several messages, or one for several channels. All are checked before the first is published; then
 * each has its own result.
 */
final class BatchEndpoint implements Endpoint {

    @Override
    public void handle(Call call) {
        Publisher publisher = call.publisher();
        Pushy pushy = call.settings().pushy();
        int data = pushy.policies().of(Channel.of(publisher.app(), "any")).dataBytes();
        long limit = (long) pushy.limits().batch() * (data + PublishEndpoint.ENVELOPE_BYTES);
        call.body((int) Math.min(limit, Integer.MAX_VALUE - 16), body -> {
            List<MessageRequest> messages = read(pushy, publisher, body);
            List<CompletableFuture<String>> results = new ArrayList<>();
            for (MessageRequest message : messages) {
                results.add(publish(pushy, message).toCompletableFuture());
            }
            CompletableFuture<Void> all = CompletableFuture.allOf(results.toArray(CompletableFuture[]::new));
            call.await(all, done -> {
                List<String> texts =
                        results.stream().map(CompletableFuture::join).toList();
                call.answer(JsonText.object().putRaw("results", texts));
            });
        });
    }

    private static List<MessageRequest> read(Pushy pushy, Publisher publisher, byte[] body) {
        int depth = pushy.limits().jsonDepth() + PublishEndpoint.ENVELOPE_DEPTH;
        // Array and object around each message's members.
        Map<String, RawJson> members = RawJson.object(body, depth + 2);
        RawJson several = members.get("messages");
        List<String> channels = Fields.texts(members, "channels");
        if ((several == null) == (channels == null)) {
            throw new RequestException(
                    Fault.INVALID_REQUEST, "a batch has either \"messages\" or \"channels\" with \"data\"");
        }
        List<MessageRequest> messages = new ArrayList<>();
        if (several != null) {
            List<RawJson> elements = several.elements(depth + 1);
            if (elements == null) {
                throw new RequestException(Fault.INVALID_REQUEST, "\"messages\" must be an array of objects");
            }
            requireSize(pushy, elements.size());
            for (RawJson element : elements) {
                Map<String, RawJson> message = element.members(depth);
                String name = Fields.requiredText(message, "channel", "the channel of the message");
                messages.add(message(pushy, publisher, name, message));
            }
        } else if (channels != null) {
            requireSize(pushy, channels.size());
            for (String name : channels) {
                messages.add(message(pushy, publisher, name, members));
            }
        }
        return messages;
    }

    private static void requireSize(Pushy pushy, int size) {
        int most = pushy.limits().batch();
        if (size < 1 || size > most) {
            throw new RequestException(
                    size > most ? Fault.TOO_LARGE : Fault.INVALID_REQUEST,
                    "the batch has " + size + " messages, it must have 1 to " + most + ": divide it");
        }
    }

    private static MessageRequest message(Pushy pushy, Publisher publisher, String name, Map<String, RawJson> members) {
        Channel channel = Names.channel(pushy.limits(), publisher.app(), name);
        PublishEndpoint.requirePublisher(publisher, channel);
        return MessageRequest.read(pushy, channel, members, false);
    }

    private static CompletionStage<String> publish(Pushy pushy, MessageRequest message) {
        String channel = message.publication().channel().name();
        return pushy.publish(message.publication(), message.options())
                .handle((receipt, failure) -> result(channel, receipt, failure));
    }

    private static String result(String channel, @Nullable Receipt receipt, @Nullable Throwable failure) {
        JsonText text = JsonText.object().put("channel", channel);
        if (receipt != null) {
            text.put("id", receipt.id());
            return (receipt.duplicate() ? text.put("duplicate", true) : text).end();
        }
        Fault fault = Fault.of(failure);
        if (fault == Fault.UNKNOWN) {
            text.put("accepted", "unknown");
        }
        return text.put("code", fault.code())
                .put("detail", Fault.detail(failure))
                .end();
    }
}
