package dev.pushy.core.jwt;

import com.auth0.jwt.JWT;
import com.auth0.jwt.JWTCreator;
import com.auth0.jwt.exceptions.JWTDecodeException;
import com.auth0.jwt.interfaces.Claim;
import com.auth0.jwt.interfaces.DecodedJWT;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pushy.core.Channel;
import dev.pushy.core.ChannelPattern;
import dev.pushy.core.Grant;
import dev.pushy.core.InvalidChannelException;
import dev.pushy.core.InvalidTokenException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What of a grant stands in which claim. */
final class GrantClaims {
    static final String APP = "app";
    private static final String CHANNELS = "channels";
    private static final String PUBLISH = "publish";
    private static final String META = "meta";
    private static final int META_DEPTH = 64;
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private GrantClaims() {}

    /** The app that a token says it is for. Not to be trusted before the signature was verified with the app's keys. */
    static String app(DecodedJWT token) {
        Claim app = token.getClaim(APP);
        if (app.isMissing() || app.isNull()) {
            return Channel.DEFAULT_APP;
        }
        String name = app.asString();
        if (name == null) {
            throw new InvalidTokenException("the token's claim app is not a string");
        }
        return name;
    }

    /** The grant of a token whose signature is good. Keeps nothing of the token. */
    static Grant read(DecodedJWT token, String app, @Nullable Long expiresAt) {
        String subject = token.getClaim("sub").asString();
        if (subject == null || subject.isEmpty()) {
            throw new InvalidTokenException("the token has no claim sub: a string that says who holds it");
        }
        List<ChannelPattern> channels = patterns(token, CHANNELS, app);
        if (channels == null) {
            throw new InvalidTokenException("the token has no claim channels: an array of channels and patterns");
        }
        List<ChannelPattern> publish = patterns(token, PUBLISH, app);
        return new Grant(
                app,
                subject,
                channels,
                publish == null ? channels : publish,
                meta(token),
                tokenId(token),
                token.getClaim("iat").asLong(),
                expiresAt);
    }

    private static @Nullable String tokenId(DecodedJWT token) {
        Claim id = token.getClaim("jti");
        if (id.isMissing() || id.isNull()) {
            return null;
        }
        String text = id.asString();
        if (text == null || text.isEmpty()) {
            throw new InvalidTokenException("the token's claim jti is not a string");
        }
        return text;
    }

    private static @Nullable List<ChannelPattern> patterns(DecodedJWT token, String name, String app) {
        JsonNode claim = node(token, name);
        if (claim == null) {
            return null;
        }
        if (!claim.isArray()) {
            throw new InvalidTokenException("the token's claim " + name + " is not an array of strings");
        }
        List<ChannelPattern> patterns = new ArrayList<>(claim.size());
        for (JsonNode element : claim) {
            if (!element.isTextual()) {
                throw new InvalidTokenException("the token's claim " + name + " has an element that is not a string");
            }
            try {
                patterns.add(ChannelPattern.of(app, element.textValue()));
            } catch (InvalidChannelException e) {
                throw new InvalidTokenException("the token's claim " + name + " is not good: " + e.getMessage());
            }
        }
        return List.copyOf(patterns);
    }

    private static String meta(DecodedJWT token) {
        JsonNode meta = node(token, META);
        if (meta == null) {
            return "null";
        }
        if (isDeeper(meta, META_DEPTH)) {
            throw new InvalidTokenException("the token's claim meta is nested deeper than " + META_DEPTH + " levels");
        }
        return meta.toString();
    }

    private static boolean isDeeper(JsonNode node, int levels) {
        if (!node.isContainerNode()) {
            return false;
        }
        if (levels == 0) {
            return true;
        }
        for (JsonNode child : node) {
            if (isDeeper(child, levels - 1)) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable JsonNode node(DecodedJWT token, String name) {
        Claim claim = token.getClaim(name);
        if (claim.isMissing() || claim.isNull()) {
            return null;
        }
        try {
            return claim.as(JsonNode.class);
        } catch (JWTDecodeException e) {
            throw new InvalidTokenException("the token's claim " + name + " cannot be read");
        }
    }

    /** The claims of a grant, without those of time and identity. */
    static JWTCreator.Builder write(Grant grant) {
        JWTCreator.Builder token =
                JWT.create().withSubject(grant.subject()).withClaim(CHANNELS, texts(grant, grant.subscribe()));
        if (!grant.publish().equals(grant.subscribe())) {
            token.withClaim(PUBLISH, texts(grant, grant.publish()));
        }
        if (!grant.app().equals(Channel.DEFAULT_APP)) {
            token.withClaim(APP, grant.app());
        }
        JsonNode meta = parse(grant.meta());
        if (!meta.isNull()) {
            token.withPayload(JSON.createObjectNode().set(META, meta).toString());
        }
        return token;
    }

    private static List<String> texts(Grant grant, List<ChannelPattern> patterns) {
        List<String> texts = new ArrayList<>(patterns.size());
        for (ChannelPattern pattern : patterns) {
            if (!pattern.app().equals(grant.app())) {
                throw new IllegalArgumentException(
                        pattern + " is of app " + pattern.app() + ", the grant is for app " + grant.app());
            }
            texts.add(pattern.toString());
        }
        return texts;
    }

    private static JsonNode parse(String json) {
        try {
            JsonNode node = JSON.readTree(json);
            if (node.isMissingNode()) {
                throw new IllegalArgumentException("the grant's meta is empty; it must be one JSON value");
            }
            if (isDeeper(node, META_DEPTH)) {
                throw new IllegalArgumentException(
                        "the grant's meta is nested deeper than " + META_DEPTH + " levels: make it flatter");
            }
            return node;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("the grant's meta is not one JSON value", e);
        }
    }
}
