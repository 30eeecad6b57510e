package dev.pushy.core.jwt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.auth0.jwt.JWT;
import com.auth0.jwt.JWTCreator;
import com.auth0.jwt.algorithms.Algorithm;
import com.auth0.jwt.interfaces.DecodedJWT;
import dev.pushy.core.ChannelPattern;
import dev.pushy.core.Grant;
import dev.pushy.core.InvalidTokenException;
import dev.pushy.core.TokenService;
import dev.pushy.core.contract.TokenServiceContract;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JwtTokenServiceTest extends TokenServiceContract {
    private static final String SECRET = "a secret of forty bytes, which is plenty";
    private static final String OTHER = "another secret of forty bytes and more..";
    private static final long NOW = 1_767_225_600L;
    private static final Clock CLOCK = Clock.fixed(Instant.ofEpochSecond(NOW), ZoneOffset.UTC);

    private final JwtTokenService service =
            JwtTokenService.builder().secret(SECRET).clock(CLOCK).build();

    @Override
    protected TokenService createService() {
        return JwtTokenService.hs512(SECRET);
    }

    private static JWTCreator.Builder claims() {
        return JWT.create().withSubject("ann").withClaim("channels", List.of("news.*"));
    }

    private static String sign(JWTCreator.Builder token) {
        return token.sign(Algorithm.HMAC512(SECRET));
    }

    private static String refusal(JwtTokenService service, String token) {
        String message = assertThrows(InvalidTokenException.class, () -> service.verify(token))
                .getMessage();
        assertFalse(token.length() > 10 && message.contains(token.substring(0, 10)), message);
        return message;
    }

    private String refusal(String token) {
        return refusal(service, token);
    }

    @Test
    void issue_fullGrant_hasTheDocumentedHeaderAndClaims() {
        Grant grant = new Grant(
                "default",
                "ann",
                List.of(ChannelPattern.of("news.*")),
                List.of(),
                "{\"name\":\"Ann\",\"n\":[1,2.50,null]}",
                "id-1",
                NOW - 5,
                NOW + 100);
        String token = service.issue(grant);
        assertEquals("{\"alg\":\"HS512\",\"typ\":\"JWT\"}", text(token, 0));
        DecodedJWT decoded = JWT.decode(token);
        assertEquals("ann", decoded.getSubject());
        assertEquals(List.of("news.*"), decoded.getClaim("channels").asList(String.class));
        assertEquals(List.of(), decoded.getClaim("publish").asList(String.class));
        assertEquals("Ann", decoded.getClaim("meta").asMap().get("name"));
        assertEquals("id-1", decoded.getId());
        assertEquals(NOW - 5, decoded.getClaim("iat").asLong());
        assertEquals(NOW + 100, decoded.getClaim("exp").asLong());
        assertTrue(decoded.getClaim("app").isMissing());

        Grant verified = service.verify(token);
        assertEquals(NOW + 130, verified.expiresAt());
        assertEquals(NOW - 5, verified.issuedAt());
        assertEquals("id-1", verified.tokenId());
        assertEquals(List.of(), verified.publish());
        assertEquals(grant.subscribe(), verified.subscribe());
        assertTrue(verified.meta().contains("\"name\":\"Ann\""), verified.meta());
    }

    @Test
    void issue_bareGrant_choosesIdTimeAndLife() {
        DecodedJWT decoded = JWT.decode(service.issue(Grant.of("ann", List.of(ChannelPattern.of("a")))));
        assertNotNull(decoded.getId());
        assertTrue(decoded.getId().length() >= 22);
        assertEquals(NOW, decoded.getClaim("iat").asLong());
        assertEquals(NOW + 86_400, decoded.getClaim("exp").asLong());
        assertTrue(decoded.getClaim("publish").isMissing());
        assertTrue(decoded.getClaim("meta").isMissing());
    }

    @Test
    void issue_withoutLife_neverExpires() {
        JwtTokenService endless =
                JwtTokenService.builder().secret(SECRET).life(null).build();
        String token = endless.issue(Grant.of("ann", List.of()));
        assertNull(JWT.decode(token).getExpiresAt());
        assertNull(endless.verify(token).expiresAt());
    }

    @Test
    void issue_whatWouldBeRefused_isRefusedAtOnce() {
        List<ChannelPattern> channels = List.of(ChannelPattern.of("a"));
        Grant foreign =
                new Grant("default", "a", List.of(ChannelPattern.of("b", "x")), channels, "null", null, null, null);
        assertThrows(IllegalArgumentException.class, () -> service.issue(foreign));
        for (String meta : List.of("", "{", "1 2", "nul", "[".repeat(80) + "]".repeat(80))) {
            Grant bad = new Grant("default", "a", channels, channels, meta, null, null, null);
            assertThrows(IllegalArgumentException.class, () -> service.issue(bad), meta);
        }
        Grant huge = new Grant("default", "a", channels, channels, "\"" + "x".repeat(17_000) + "\"", null, null, null);
        assertTrue(assertThrows(InvalidTokenException.class, () -> service.issue(huge))
                .getMessage()
                .contains("16384"));
    }

    @Test
    void verify_everyHmac_isAccepted() {
        for (Algorithm algorithm :
                List.of(Algorithm.HMAC256(SECRET), Algorithm.HMAC384(SECRET), Algorithm.HMAC512(SECRET))) {
            assertEquals("ann", service.verify(claims().sign(algorithm)).subject());
        }
    }

    @Test
    void verify_noneAlgorithm_isRefused() {
        assertTrue(refusal(claims().sign(Algorithm.none())).contains("not signed"));
        for (String name : List.of("none", "None", "NONE", "", "HS512 ", "hs512", "RS256")) {
            String header = encode("{\"alg\":\"" + name + "\"}");
            String good = sign(claims());
            refusal(header + good.substring(good.indexOf('.')));
            refusal(header + "." + encode("{\"sub\":\"ann\",\"channels\":[\"**\"]}") + ".");
        }
        refusal(encode("{}") + "." + encode("{\"sub\":\"ann\",\"channels\":[\"**\"]}") + ".");
    }

    @Test
    void verify_otherKey_isRefused() {
        assertTrue(refusal(claims().sign(Algorithm.HMAC512(OTHER))).contains("not signed"));
    }

    @Test
    void verify_expiry_hasLeeway() {
        assertEquals(
                NOW + 1, service.verify(sign(claims().withExpiresAt(at(-29)))).expiresAt());
        assertTrue(refusal(sign(claims().withExpiresAt(at(-30)))).contains("expired"));
        JwtTokenService strict = JwtTokenService.builder()
                .secret(SECRET)
                .clock(CLOCK)
                .leeway(Duration.ZERO)
                .build();
        assertEquals(NOW + 1, strict.verify(sign(claims().withExpiresAt(at(1)))).expiresAt());
        refusal(strict, sign(claims().withExpiresAt(at(0))));
    }

    @Test
    void verify_notBefore_hasLeeway() {
        assertEquals("ann", service.verify(sign(claims().withNotBefore(at(30)))).subject());
        assertTrue(refusal(sign(claims().withNotBefore(at(31)))).contains("not valid yet"));
    }

    @Test
    void verify_issuedInTheFuture_isRefused() {
        assertEquals(
                NOW + 30, service.verify(sign(claims().withIssuedAt(at(30)))).issuedAt());
        assertTrue(refusal(sign(claims().withIssuedAt(at(31)))).contains("iat"));
    }

    @Test
    void verify_withoutExpiry_isAcceptedUnlessRequired() {
        Grant endless = service.verify(sign(claims()));
        assertNull(endless.expiresAt());
        assertNull(endless.issuedAt());
        assertNull(endless.tokenId());
        JwtTokenService strict =
                JwtTokenService.builder().secret(SECRET).requireExpiry(true).build();
        assertTrue(refusal(strict, sign(claims())).contains("exp"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"\"soon\"", "-1", "1e300", "99999999999999999999", "253402300800", "{}", "[]", "true", "NaN"})
    void verify_timeThatIsNone_isRefused(String value) {
        for (String name : List.of("exp", "nbf", "iat")) {
            refusal(raw("{\"sub\":\"ann\",\"channels\":[],\"" + name + "\":" + value + "}"));
        }
    }

    @Test
    void verify_fractionalTime_isUnderstood() {
        Grant grant = service.verify(
                raw("{\"sub\":\"ann\",\"channels\":[],\"iat\":" + NOW + ".75,\"exp\":" + (NOW + 10) + ".5}"));
        assertEquals(NOW, grant.issuedAt());
        assertEquals(NOW + 40, grant.expiresAt());
    }

    @Test
    void verify_claimsOfTheWrongKind_areRefusedByName() {
        assertTrue(refusal(raw("{\"channels\":[]}")).contains("sub"));
        assertTrue(refusal(raw("{\"sub\":\"\",\"channels\":[]}")).contains("sub"));
        assertTrue(refusal(raw("{\"sub\":5,\"channels\":[]}")).contains("sub"));
        assertTrue(refusal(raw("{\"sub\":\"ann\"}")).contains("channels"));
        assertTrue(refusal(raw("{\"sub\":\"ann\",\"channels\":null}")).contains("channels"));
        assertTrue(refusal(raw("{\"sub\":\"ann\",\"channels\":\"news\"}")).contains("channels"));
        assertTrue(refusal(raw("{\"sub\":\"ann\",\"channels\":[1]}")).contains("channels"));
        assertTrue(refusal(raw("{\"sub\":\"ann\",\"channels\":{\"a\":1}}")).contains("channels"));
        assertTrue(refusal(raw("{\"sub\":\"ann\",\"channels\":[],\"publish\":\"x\"}"))
                .contains("publish"));
        assertTrue(refusal(raw("{\"sub\":\"ann\",\"channels\":[],\"app\":5}")).contains("app"));
        assertTrue(refusal(raw("{\"sub\":\"ann\",\"channels\":[],\"jti\":5}")).contains("jti"));
        refusal(raw("[]"));
        refusal(raw("5"));
        refusal(raw("null"));
        refusal(raw(""));
        for (String header : List.of("null", "[]", "5", "", "{\"alg\":null}", "{\"alg\":5}", "{\"alg\":[]}", "{}")) {
            refusal(encode(header) + "." + encode("{\"sub\":\"ann\",\"channels\":[]}") + ".AAAA");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"new*", "a..b", "**.a", "", "a b", "#server-to-user-1", "a/b"})
    void verify_malformedChannel_isRefusedWithTheReason(String channel) {
        assertTrue(refusal(sign(claims().withClaim("channels", List.of("ok", channel))))
                .contains("channels"));
        assertTrue(refusal(sign(claims().withClaim("publish", List.of("ok", channel))))
                .contains("publish"));
    }

    @Test
    void verify_emptyChannels_isAGrantOfNothing() {
        Grant grant = service.verify(raw("{\"sub\":\"ann\",\"channels\":[]}"));
        assertEquals(List.of(), grant.subscribe());
        assertFalse(grant.maySubscribe(ChannelPattern.of("a")));
    }

    @Test
    void verify_meta_isKeptAsJson() {
        Grant grant = service.verify(
                raw("{\"sub\":\"ann\",\"channels\":[],\"meta\":{\"name\":\"Ä\\\"n\",\"n\":12345678901234567890}}"));
        assertEquals("{\"name\":\"Ä\\\"n\",\"n\":12345678901234567890}", grant.meta());
    }

    @Test
    void verify_deepMeta_isRefused() {
        String deepest = "[".repeat(64) + "]".repeat(64);
        assertEquals(
                deepest,
                service.verify(raw("{\"sub\":\"ann\",\"channels\":[],\"meta\":" + deepest + "}"))
                        .meta());
        assertTrue(refusal(raw("{\"sub\":\"ann\",\"channels\":[],\"meta\":[" + deepest + "]}"))
                .contains("64"));
        refusal(raw("{\"sub\":\"ann\",\"channels\":[],\"meta\":" + "[".repeat(5_000) + "]".repeat(5_000) + "}"));
        refusal(raw("{\"sub\":\"ann\",\"channels\":[],\"other\":" + "[".repeat(5_000) + "]".repeat(5_000) + "}"));
    }

    @Test
    void verify_longestToken_isTheLimit() {
        String token = sign(claims().withClaim("x", "y".repeat(11_800)));
        assertTrue(token.length() < JwtTokenService.MAX_LENGTH && token.length() > 15_500, "length " + token.length());
        assertEquals("ann", service.verify(token).subject());
        assertTrue(refusal(sign(claims().withClaim("x", "y".repeat(13_000)))).contains("16384"));
    }

    @Test
    void verify_keyId_picksTheSecret() {
        JwtTokenService rotated = JwtTokenService.builder()
                .secret("default", "new", SECRET)
                .secret("default", "old", OTHER)
                .build();
        assertEquals("ann", rotated.verify(sign(claims().withKeyId("new"))).subject());
        assertEquals(
                "ann",
                rotated.verify(claims().withKeyId("old").sign(Algorithm.HMAC512(OTHER)))
                        .subject());
        assertEquals(
                "ann", rotated.verify(claims().sign(Algorithm.HMAC512(OTHER))).subject(), "without kid, any");
        refusal(rotated, claims().withKeyId("new").sign(Algorithm.HMAC512(OTHER)));
        refusal(rotated, claims().withKeyId("unknown").sign(Algorithm.HMAC512(OTHER)));
        assertEquals("new", JWT.decode(rotated.issue(Grant.of("a", List.of()))).getKeyId());
    }

    @Test
    void verify_unknownKeyId_triesTheSecretsWithoutOne() {
        assertEquals(
                "ann", service.verify(sign(claims().withKeyId("issuer's own"))).subject());
    }

    @Test
    void verify_tokenOfAnotherApp_needsThatAppsKey() {
        JwtTokenService tenants = JwtTokenService.builder()
                .secret(SECRET)
                .secret("shop", null, OTHER)
                .build();
        Grant shop = tenants.verify(claims().withClaim("app", "shop").sign(Algorithm.HMAC512(OTHER)));
        assertEquals("shop", shop.app());
        assertTrue(shop.maySubscribe(ChannelPattern.of("shop", "news.a")));
        assertFalse(shop.maySubscribe(ChannelPattern.of("news.a")));
        refusal(tenants, sign(claims().withClaim("app", "shop")));
        refusal(tenants, claims().sign(Algorithm.HMAC512(OTHER)));
        refusal(tenants, sign(claims().withClaim("app", "unknown")));
        refusal(tenants, sign(claims().withClaim("app", "")));
        String issued = tenants.issue(Grant.of("ann", List.of(ChannelPattern.of("shop", "a"))));
        assertEquals("shop", tenants.verify(issued).app());
        Grant unknown = Grant.of("ann", List.of(ChannelPattern.of("unknown", "a")));
        assertThrows(UnsupportedOperationException.class, () -> tenants.issue(unknown));
    }

    @Test
    void verify_issuerAndAudience_areCheckedWhereConfigured() {
        JwtTokenService checking = JwtTokenService.builder()
                .secret(SECRET)
                .issuers("us", "them")
                .audiences("push")
                .build();
        assertEquals(
                "ann",
                checking.verify(sign(claims().withIssuer("them").withAudience("web", "push")))
                        .subject());
        assertTrue(refusal(checking, sign(claims().withAudience("push"))).contains("iss"));
        assertTrue(refusal(checking, sign(claims().withIssuer("x").withAudience("push")))
                .contains("iss"));
        assertTrue(refusal(checking, sign(claims().withIssuer("us"))).contains("aud"));
        assertTrue(refusal(checking, sign(claims().withIssuer("us").withAudience("web")))
                .contains("aud"));
        assertEquals(
                "ann",
                checking.verify(checking.issue(Grant.of("ann", List.of()))).subject());
    }

    @Test
    void builder_weakSecret_isRefusedUnlessAllowed() {
        JwtTokenService.Builder builder = JwtTokenService.builder();
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> builder.secret("x".repeat(31)));
        assertTrue(refused.getMessage().contains("31 bytes")
                && refused.getMessage().contains("32"));
        assertFalse(refused.getMessage().contains("xxx"));
        assertThrows(IllegalArgumentException.class, builder::build);
        builder.allowShortSecrets();
        assertThrows(IllegalArgumentException.class, () -> builder.secret(""));
        assertEquals(
                "ann",
                builder.secret("x")
                        .build()
                        .verify(claims().sign(Algorithm.HMAC512("x")))
                        .subject());
    }

    @Test
    void toString_showsNoSecret() {
        assertEquals("JwtTokenService[default]", service.toString());
        assertFalse(VerificationKey.ofSecret("id", SECRET).toString().contains("secret of"));
    }

    private static Instant at(long seconds) {
        return Instant.ofEpochSecond(NOW + seconds);
    }

    /** A well-signed token with just this payload, whatever it is. */
    private static String raw(String payload) {
        String content = encode("{\"alg\":\"HS256\",\"typ\":\"JWT\"}") + "." + encode(payload);
        return content + "." + Hmac.sha256(SECRET, content);
    }

    private static String encode(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(String token, int part) {
        return new String(Base64.getUrlDecoder().decode(token.split("\\.", -1)[part]), StandardCharsets.UTF_8);
    }

    @Test
    void raw_tokens_areWellSigned() {
        assertEquals(
                Map.of("a", "b"),
                JWT.require(Algorithm.HMAC256(SECRET))
                        .build()
                        .verify(raw("{\"meta\":{\"a\":\"b\"}}"))
                        .getClaim("meta")
                        .asMap());
    }
}
