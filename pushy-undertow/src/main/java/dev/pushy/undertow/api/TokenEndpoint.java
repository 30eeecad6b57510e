package dev.pushy.undertow.api;

import dev.pushy.core.ChannelPattern;
import dev.pushy.core.Grant;
import dev.pushy.core.InvalidTokenException;
import dev.pushy.core.Limits;
import dev.pushy.undertow.protocol.Excerpt;
import dev.pushy.undertow.protocol.Fault;
import dev.pushy.undertow.protocol.Fields;
import dev.pushy.undertow.protocol.JsonText;
import dev.pushy.undertow.protocol.Names;
import dev.pushy.undertow.protocol.RawJson;
import dev.pushy.undertow.protocol.RequestException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code POST /token}: a publisher asks for a token for one of its users. */
final class TokenEndpoint implements Endpoint {
    /** A token must fit into the head of a request, so what goes into it is small. */
    private static final int MAX_BODY = 16 * 1024;

    private static final int MAX_SUBJECT = 200;

    @Override
    public void handle(Call call) {
        Publisher publisher = call.publisher();
        call.body(MAX_BODY, body -> {
            int depth = call.settings().pushy().limits().jsonDepth();
            Grant grant = grant(call.settings(), publisher, RawJson.object(body, depth));
            Long expiresAt = grant.expiresAt();
            call.onWorker(() -> issue(call.settings(), grant), token -> {
                JsonText answer = JsonText.object().put("token", token);
                call.answer(expiresAt == null ? answer : answer.put("expires_at", expiresAt));
            });
        });
    }

    private static String issue(ApiSettings settings, Grant grant) {
        try {
            return settings.pushy().issue(grant);
        } catch (InvalidTokenException e) {
            throw new RequestException(Fault.TOO_LARGE, Fault.detail(e));
        } catch (UnsupportedOperationException e) {
            throw new RequestException(
                    Fault.NOT_FOUND,
                    "tokens of this app are issued elsewhere: it has no secret to sign them with here");
        }
    }

    private static Grant grant(ApiSettings settings, Publisher publisher, Map<String, RawJson> members) {
        Limits limits = settings.pushy().limits();
        String subject = Fields.requiredText(members, "sub", "the subject, such as the user's id");
        if (subject.length() > MAX_SUBJECT) {
            throw new RequestException(
                    Fault.INVALID_REQUEST,
                    "\"sub\" has " + subject.length() + " characters, the limit is " + MAX_SUBJECT);
        }
        List<String> channels = Fields.texts(members, "channels");
        if (channels == null) {
            throw new RequestException(
                    Fault.INVALID_REQUEST,
                    "\"channels\" is missing: it is an array of the channels and patterns that the token is for");
        }
        List<ChannelPattern> subscribe = patterns(limits, publisher, channels);
        List<String> publish = Fields.texts(members, "publish");
        long now = settings.sessions().clock().instant().getEpochSecond();
        return new Grant(
                publisher.app(),
                subject,
                subscribe,
                publish == null ? subscribe : patterns(limits, publisher, publish),
                meta(members),
                null,
                now,
                now + ttl(settings, Fields.number(members, "ttl")));
    }

    private static List<ChannelPattern> patterns(Limits limits, Publisher publisher, List<String> texts) {
        List<ChannelPattern> patterns = Names.patterns(limits, publisher.app(), texts);
        if (patterns.size() > limits.subscriptions()) {
            throw new RequestException(
                    Fault.INVALID_REQUEST,
                    "the token would have " + patterns.size() + " channels, the limit is " + limits.subscriptions()
                            + ": use patterns");
        }
        for (ChannelPattern pattern : patterns) {
            if (!publisher.may(pattern)) {
                throw new RequestException(
                        Fault.FORBIDDEN,
                        "this publisher may not give tokens for " + Excerpt.of(pattern.toString())
                                + ": ask for what its own channels cover, or add it to them");
            }
        }
        return patterns;
    }

    private static String meta(Map<String, RawJson> members) {
        RawJson meta = members.get("meta");
        if (meta == null || meta.isNull()) {
            return "null";
        }
        if (!meta.isObject()) {
            throw new RequestException(Fault.INVALID_REQUEST, "\"meta\" must be an object");
        }
        return meta.json();
    }

    private static long ttl(ApiSettings settings, @Nullable Long asked) {
        long most = settings.maxTokenTtl().toSeconds();
        long ttl = asked == null ? settings.tokenTtl().toSeconds() : asked;
        if (ttl < 1 || ttl > most) {
            throw new RequestException(
                    Fault.INVALID_REQUEST, "\"ttl\" is " + ttl + " seconds, it must be 1 to " + most);
        }
        return ttl;
    }
}
