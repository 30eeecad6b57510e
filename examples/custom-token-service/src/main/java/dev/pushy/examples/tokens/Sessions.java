package dev.pushy.examples.tokens;

import dev.pushy.core.Channel;
import dev.pushy.core.ChannelPattern;
import dev.pushy.core.Grant;
import dev.pushy.core.InvalidTokenException;
import dev.pushy.core.TokenService;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of an application, which are at the same time Pushy's tokens: who has a session may subscribe to the room of
 * all and to a channel of their own. There is no other token, and nothing to sign.
 *
 * <p>A session is kept under the hash of its secret, as one would in a database, so that who reads the table cannot use what
 * is in it. Thread-safe. There is room for so many sessions as is said; when it is full, nobody can log in until one ends.
 */
final class Sessions implements TokenService {
    private static final int SECRET_BYTES = 24;

    private final Map<String, Session> byHash = new HashMap<>();
    private final SecureRandom random = new SecureRandom();
    private final InstantSource clock;
    private final Duration life;
    private final int most;

    private record Session(String user, long issuedAt, long expiresAt) {}

    Sessions(InstantSource clock, Duration life, int most) {
        this.clock = clock;
        this.life = life;
        this.most = most;
    }

    /** A new session's secret, or nothing if there is no room. */
    synchronized Optional<String> begin(String user) {
        long now = now();
        if (byHash.size() >= most) {
            byHash.values().removeIf(session -> session.expiresAt <= now);
        }
        if (byHash.size() >= most) {
            return Optional.empty();
        }
        byte[] bytes = new byte[SECRET_BYTES];
        random.nextBytes(bytes);
        String secret = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        byHash.put(hash(secret), new Session(user, now, now + life.toSeconds()));
        return Optional.of(secret);
    }

    /** Ends a session, and gives the id by which Pushy knows its token. */
    synchronized Optional<String> end(String secret) {
        String id = hash(secret);
        return byHash.remove(id) == null ? Optional.empty() : Optional.of(id);
    }

    @Override
    public Grant verify(String token) {
        String id = hash(token);
        Session session = find(id);
        if (session == null || session.expiresAt <= now()) {
            throw new InvalidTokenException("there is no such session, or it has ended: log in");
        }
        ChannelPattern room = ChannelPattern.of("room");
        List<ChannelPattern> readable = List.of(room, ChannelPattern.of("user." + session.user));
        return new Grant(
                Channel.DEFAULT_APP,
                session.user,
                readable,
                List.of(room),
                "{\"name\":\"" + session.user + "\"}",
                id,
                session.issuedAt,
                session.expiresAt);
    }

    private synchronized @Nullable Session find(String id) {
        return byHash.get(id);
    }

    /** Only a log-in makes sessions: {@code POST /push/token} is refused. */
    @Override
    public String issue(Grant grant) {
        throw new UnsupportedOperationException("sessions begin with a log-in");
    }

    private long now() {
        return clock.instant().getEpochSecond();
    }

    private static String hash(String secret) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(sha256.digest(secret.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
