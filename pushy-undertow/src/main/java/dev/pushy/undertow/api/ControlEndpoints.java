package dev.pushy.undertow.api;

import dev.pushy.core.ControlMessage;
import dev.pushy.core.Grant;
import dev.pushy.core.Pushy;
import dev.pushy.undertow.protocol.Excerpt;
import dev.pushy.undertow.protocol.Fault;
import dev.pushy.undertow.protocol.Fields;
import dev.pushy.undertow.protocol.JsonText;
import dev.pushy.undertow.protocol.Names;
import dev.pushy.undertow.protocol.RawJson;
import dev.pushy.undertow.protocol.RequestException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What acts on connections that other requests opened, on whatever node. */
final class ControlEndpoints {
    private static final int MAX_BODY = 64 * 1024;
    private static final int DEPTH = 8;
    private static final Pattern CONNECTION = Pattern.compile("[0-9]{1,20}\\.[0-9]{1,20}");

    private ControlEndpoints() {}

    /** {@code POST /revoke}: a token, or all tokens of a subject so far, are void. */
    static void revoke(Call call) {
        Publisher publisher = call.publisher();
        call.body(MAX_BODY, body -> {
            Map<String, RawJson> members = RawJson.object(body, DEPTH);
            String tokenId = Fields.text(members, "jti");
            String subject = Fields.text(members, "sub");
            requireOne(tokenId, "jti", subject, "sub");
            Pushy pushy = call.settings().pushy();
            if (tokenId != null) {
                call.await(
                        pushy.revokeToken(publisher.app(), tokenId),
                        done -> call.answer(
                                JsonText.object().put("revoked", true).put("jti", tokenId)));
            } else {
                String revoked = Objects.requireNonNull(subject);
                call.await(
                        pushy.revokeSubject(publisher.app(), revoked),
                        done -> call.answer(
                                JsonText.object().put("revoked", true).put("sub", revoked)));
            }
        });
    }

    /** {@code POST /disconnect}: a connection, or all of a subject, end; they may come back. */
    static void disconnect(Call call) {
        Publisher publisher = call.publisher();
        call.body(MAX_BODY, body -> {
            Map<String, RawJson> members = RawJson.object(body, DEPTH);
            String connection = Fields.text(members, "connection");
            String subject = Fields.text(members, "sub");
            requireOne(connection, "connection", subject, "sub");
            call.await(call.settings().pushy().disconnect(publisher.app(), connection, subject), done -> {
                JsonText answer = JsonText.object().put("disconnected", true);
                call.answer(
                        connection != null
                                ? answer.put("connection", connection)
                                : answer.put("sub", Objects.requireNonNull(subject)));
            });
        });
    }

    private static void requireOne(@Nullable String one, String oneName, @Nullable String other, String otherName) {
        boolean given = one != null && !one.isEmpty();
        if (given == (other != null && !other.isEmpty())) {
            throw new RequestException(
                    Fault.INVALID_REQUEST, "send either \"" + oneName + "\" or \"" + otherName + "\", one of them");
        }
    }

    /** {@code POST /channels/stream/{connection}}: the subscriptions or the token of an open stream change. */
    static void changeStream(Call call, String connection) {
        if (!CONNECTION.matcher(connection).matches()) {
            throw noStream(connection);
        }
        if (call.hasToken()) {
            call.withGrant(grant -> call.body(MAX_BODY, body -> change(call, connection, grant, members(body))));
        } else {
            call.body(MAX_BODY, body -> {
                Map<String, RawJson> members = members(body);
                String token = Fields.text(members, "token");
                if (token == null) {
                    throw new RequestException(
                            Fault.UNAUTHORIZED, "a token is missing: send one of the stream's subject");
                }
                call.withGrant(token, grant -> send(call, connection, grant, members));
            });
        }
    }

    private static Map<String, RawJson> members(byte[] body) {
        return RawJson.object(body, DEPTH);
    }

    private static void change(Call call, String connection, Grant grant, Map<String, RawJson> members) {
        String token = Fields.text(members, "token");
        if (token == null) {
            send(call, connection, grant, members);
            return;
        }
        call.withGrant(token, renewed -> {
            if (!renewed.subject().equals(grant.subject()) || !renewed.app().equals(grant.app())) {
                throw new RequestException(
                        Fault.FORBIDDEN, "the new token is of another subject: a stream keeps its subject for life");
            }
            send(call, connection, renewed, members);
        });
    }

    private static void send(Call call, String connection, Grant grant, Map<String, RawJson> members) {
        Pushy pushy = call.settings().pushy();
        List<String> subscribe = texts(members, "subscribe");
        List<String> unsubscribe = texts(members, "unsubscribe");
        Names.requireGranted(grant, Names.patterns(pushy.limits(), grant.app(), subscribe));
        Names.patterns(pushy.limits(), grant.app(), unsubscribe);
        String token = Fields.text(members, "token");
        long number = number(members);
        if (subscribe.isEmpty() && unsubscribe.isEmpty() && token == null) {
            throw new RequestException(
                    Fault.INVALID_REQUEST, "nothing to change: send \"subscribe\", \"unsubscribe\" or \"token\"");
        }
        if (pushy.hub().isLocal(connection) && pushy.hub().find(connection).isEmpty()) {
            throw noStream(connection);
        }
        ControlMessage.ChangeStream change = new ControlMessage.ChangeStream(
                grant.app(), connection, grant.subject(), subscribe, unsubscribe, token, number);
        // The stream itself tells when the change is done, in its place among the messages.
        call.await(
                pushy.change(change),
                done -> call.answer(
                        202, JsonText.object().put("connection", connection).end()));
    }

    private static long number(Map<String, RawJson> members) {
        Long number = Fields.number(members, "number");
        if (number != null && number < 1) {
            throw new RequestException(
                    Fault.INVALID_REQUEST,
                    "\"number\" is " + number + ": count the changes of a stream from 1, or leave it out");
        }
        return number == null ? 0 : number;
    }

    private static List<String> texts(Map<String, RawJson> members, String name) {
        List<String> texts = Fields.texts(members, name);
        return texts == null ? List.of() : texts;
    }

    private static RequestException noStream(String connection) {
        return new RequestException(
                Fault.NOT_FOUND,
                "there is no stream " + Excerpt.of(connection)
                        + ": take the connection from pushy:open of a stream that is open");
    }
}
