package dev.pushy.undertow.pusher;

import dev.pushy.core.Channel;
import dev.pushy.core.Pushy;
import dev.pushy.undertow.protocol.Fault;
import dev.pushy.undertow.protocol.JsonText;
import dev.pushy.undertow.protocol.MessageRequest;
import dev.pushy.undertow.protocol.RawJson;
import dev.pushy.undertow.protocol.RequestException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The part of the Pusher REST API that triggers events. Any thread; nothing blocks. What is wrong with a request is thrown
 * as a {@link RequestException} before anything was published.
 *
 * <p>Source: <a href="https://pusher.com/docs/channels/library_auth_reference/rest-api/">REST API</a>.
 */
public final class TriggerApi {
    /** A character may be written as an escape of six. */
    private static final int ESCAPED = 6;
    /** Quotes, comma and spaces. */
    private static final int AROUND_NAME = 16;
    /** What else may stand in an event. */
    private static final int ENVELOPE_BYTES = 4_096;
    /** The array and the object around the parameters of a batch. */
    private static final int ENVELOPE_DEPTH = 2;

    private final Pushy pushy;
    private final ChannelInfo info;

    /** Publishes on this node. */
    public TriggerApi(Pushy pushy, InstantSource clock) {
        this.pushy = pushy;
        this.info = new ChannelInfo(pushy, clock);
    }

    /** The most bytes that the body of any request to this app can need. */
    public static int bodyLimit(PusherApp app) {
        AppLimits limits = app.limits();
        long channel = (long) limits.channelLength() + AROUND_NAME;
        long event = ENVELOPE_BYTES + ESCAPED * ((long) limits.dataBytes() + limits.eventLength());
        long most = Math.max(event + channel * limits.channelsPerEvent(), (event + channel) * limits.eventsPerBatch());
        return (int) Math.min(most, Integer.MAX_VALUE - 16);
    }

    /** {@code POST /apps/ID/events}: one event for one or several channels. */
    public CompletionStage<String> trigger(PusherApp app, RequestQuery query, byte[] body) {
        Trigger trigger = Trigger.read(pushy, app, new TriggerParameters(members(body), query));
        return publish(trigger).thenCompose(published -> {
            if (trigger.info().isEmpty()) {
                return CompletableFuture.completedFuture("{}");
            }
            return channels(app, trigger)
                    .thenApply(channels ->
                            JsonText.object().putRaw("channels", channels).end());
        });
    }

    /** {@code POST /apps/ID/batch_events}: several events, in order, all checked before the first is published. */
    public CompletionStage<String> batch(PusherApp app, RequestQuery query, byte[] body) {
        List<Trigger> batch = readBatch(app, new TriggerParameters(members(body), query));
        CompletionStage<Void> published = CompletableFuture.completedFuture(null);
        for (Trigger trigger : batch) {
            published = published.thenCompose(before -> publish(trigger));
        }
        return published.thenCompose(all -> answer(app, batch));
    }

    /** {@code POST /apps/ID/channels/CHANNEL/events}, deprecated: the whole body is the data. */
    public CompletionStage<String> triggerRaw(PusherApp app, RequestQuery query, String channel, byte[] body) {
        Trigger trigger = Trigger.of(pushy, app, new TriggerParameters(Map.of(), query), channel, text(body));
        return publish(trigger).thenApply(published -> "{}");
    }

    private static String text(byte[] body) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new RequestException(Fault.INVALID_REQUEST, "The body, which is the data, is not valid UTF-8");
        }
    }

    private Map<String, RawJson> members(byte[] body) {
        return body.length == 0 ? Map.of() : RawJson.object(body, depth() + ENVELOPE_DEPTH);
    }

    private int depth() {
        return pushy.limits().jsonDepth();
    }

    private List<Trigger> readBatch(PusherApp app, TriggerParameters parameters) {
        RawJson member = parameters.member("batch");
        List<RawJson> elements = member == null ? null : member.elements(depth() + 1);
        if (elements == null) {
            throw TriggerParameters.expected("batch", "an array of events");
        }
        int most = app.limits().eventsPerBatch();
        if (elements.isEmpty() || elements.size() > most) {
            throw TriggerParameters.expected(
                    "batch", "an array of 1 to " + most + " events, it has " + elements.size());
        }
        List<Trigger> batch = new ArrayList<>();
        for (RawJson element : elements) {
            if (!element.isObject()) {
                throw TriggerParameters.expected("batch", "an array of objects");
            }
            batch.add(Trigger.readOne(pushy, app, new TriggerParameters(element.members(depth()), RequestQuery.NONE)));
        }
        return batch;
    }

    /** Asks the broker for all channels at once: between channels there is no order. */
    private CompletionStage<Void> publish(Trigger trigger) {
        CompletableFuture<?>[] receipts = trigger.messages().stream()
                .map(message ->
                        pushy.publish(message.publication(), message.options()).toCompletableFuture())
                .toArray(CompletableFuture<?>[]::new);
        return CompletableFuture.allOf(receipts);
    }

    private CompletionStage<String> channels(PusherApp app, Trigger trigger) {
        List<Channel> channels =
                trigger.messages().stream().map(Trigger::channel).toList();
        return info.ofEach(app, channels, trigger.info()).thenApply(infos -> {
            JsonText object = JsonText.object();
            for (int i = 0; i < channels.size(); i++) {
                object.putRaw(PusherChannels.name(channels.get(i)), infos.get(i));
            }
            return object.end();
        });
    }

    private CompletionStage<String> answer(PusherApp app, List<Trigger> batch) {
        if (batch.stream().allMatch(trigger -> trigger.info().isEmpty())) {
            return CompletableFuture.completedFuture("{}");
        }
        CompletionStage<List<String>> all = CompletableFuture.completedFuture(new ArrayList<>());
        for (Trigger trigger : batch) {
            MessageRequest only = trigger.messages().get(0);
            all = all.thenCombine(info.of(app, Trigger.channel(only), trigger.info()), (infos, one) -> {
                infos.add(one.end());
                return infos;
            });
        }
        return all.thenApply(infos -> JsonText.object().putRaw("batch", infos).end());
    }
}
