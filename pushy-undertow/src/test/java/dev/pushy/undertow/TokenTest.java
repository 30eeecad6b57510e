package dev.pushy.undertow;

import static dev.pushy.undertow.PublishTest.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.auth0.jwt.JWT;
import com.auth0.jwt.JWTCreator;
import com.auth0.jwt.algorithms.Algorithm;
import com.auth0.jwt.interfaces.DecodedJWT;
import dev.pushy.undertow.NodeServer.Answer;
import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.interfaces.RSAPrivateKey;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code POST /token}, {@code POST /revoke}, and which tokens are taken. */
class TokenTest {
    private static NodeServer server;

    @BeforeAll
    static void start() {
        server = new NodeServer();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Answer token(String body, String... headers) {
        return server.post("/token", body, headers.length == 0 ? NodeServer.publisher() : headers);
    }

    private static Answer history(String token) {
        return server.get("/history/news.a", NodeServer.bearer(token));
    }

    private static JWTCreator.Builder claims() {
        return JWT.create().withSubject("ann").withClaim("channels", List.of("news.*"));
    }

    @Test
    void token_ofAPublisher_hasItsClaims() {
        Answer answer = token("{\"sub\":\"ann\",\"channels\":[\"news.*\",\"chat.1\"],\"publish\":[],"
                + "\"meta\":{\"name\":\"Ann\"},\"ttl\":60}");
        assertEquals(200, answer.status(), answer.body());
        long expiresAt = answer.json().get("expires_at").asLong();
        long now = Instant.now().getEpochSecond();
        assertTrue(expiresAt > now + 50 && expiresAt <= now + 61, answer.body());
        DecodedJWT jwt = JWT.decode(answer.json().get("token").asText());
        assertEquals("HS512", jwt.getAlgorithm());
        assertEquals("ann", jwt.getSubject());
        assertEquals(List.of("news.*", "chat.1"), jwt.getClaim("channels").asList(String.class));
        assertEquals(List.of(), jwt.getClaim("publish").asList(String.class));
        assertEquals("Ann", jwt.getClaim("meta").asMap().get("name"));
        assertEquals(expiresAt, jwt.getExpiresAtAsInstant().getEpochSecond());
        assertFalse(jwt.getId().isEmpty());
    }

    @Test
    void token_ofAnotherApp_namesIt() {
        Answer answer = token(
                "{\"sub\":\"ann\",\"channels\":[\"a\"]}",
                "X-Client-ID",
                "shop",
                "X-Client-Secret",
                NodeServer.SHOP_SECRET);
        String token = answer.json().get("token").asText();
        assertEquals("shop", JWT.decode(token).getClaim("app").asString());
        assertEquals(200, server.get("/history/a", NodeServer.bearer(token)).status());
    }

    @Test
    void token_withWrongMembers_isRefused() {
        assertProblem(400, "invalid_request", token("{\"channels\":[\"a\"]}"));
        assertProblem(400, "invalid_request", token("{\"sub\":7,\"channels\":[\"a\"]}"));
        assertProblem(400, "invalid_request", token("{\"sub\":\"\",\"channels\":[\"a\"]}"));
        assertProblem(400, "invalid_request", token("{\"sub\":\"" + "s".repeat(201) + "\",\"channels\":[\"a\"]}"));
        assertProblem(400, "invalid_request", token("{\"sub\":\"ann\"}"));
        assertProblem(400, "invalid_request", token("{\"sub\":\"ann\",\"channels\":\"a\"}"));
        assertProblem(400, "invalid_request", token("{\"sub\":\"ann\",\"channels\":[1]}"));
        assertProblem(400, "invalid_channel", token("{\"sub\":\"ann\",\"channels\":[\"new*\"]}"));
        assertProblem(400, "invalid_channel", token("{\"sub\":\"ann\",\"channels\":[\"a..b\"]}"));
        assertProblem(400, "invalid_request", token("{\"sub\":\"ann\",\"channels\":[\"a\"],\"meta\":[]}"));
        assertProblem(400, "invalid_request", token("{\"sub\":\"ann\",\"channels\":[\"a\"],\"ttl\":0}"));
        Answer life = token("{\"sub\":\"ann\",\"channels\":[\"a\"],\"ttl\":86401}");
        assertProblem(400, "invalid_request", life);
        assertTrue(life.body().contains("86401") && life.body().contains("86400"), life.body());
        assertProblem(
                413,
                "too_large",
                token("{\"sub\":\"ann\",\"channels\":[\"a\"],\"meta\":{\"x\":\"" + "m".repeat(20_000) + "\"}}"));
        assertProblem(
                413,
                "too_large",
                token("{\"sub\":\"ann\",\"channels\":[\"a\"],\"meta\":{\"x\":\"" + "m".repeat(15_000) + "\"}}"));
    }

    @Test
    void token_widerThanItsPublisher_isForbidden() {
        for (String wider : List.of("orders.**", "**", "orders", "news.1")) {
            Answer answer =
                    token("{\"sub\":\"ann\",\"channels\":[\"orders.1\",\"" + wider + "\"]}", NodeServer.limited());
            assertProblem(403, "forbidden", answer);
            assertTrue(answer.body().contains(wider), answer.body());
        }
        assertProblem(
                403,
                "forbidden",
                token("{\"sub\":\"ann\",\"channels\":[\"orders.1\"],\"publish\":[\"news\"]}", NodeServer.limited()));
        assertEquals(
                200,
                token("{\"sub\":\"ann\",\"channels\":[\"orders.*\"]}", NodeServer.limited())
                        .status());
    }

    @Test
    void signedToken_ofAKnownKey_isTaken() {
        String none = claims().sign(Algorithm.HMAC512(NodeServer.KEY));
        assertEquals(200, history(none).status());
        assertEquals(
                200, history(claims().sign(Algorithm.HMAC256(NodeServer.KEY))).status());
        assertProblem(403, "forbidden", server.get("/history/other", NodeServer.bearer(none)));
    }

    @Test
    void token_thatIsNotGood_isUnauthorized() throws NoSuchAlgorithmException {
        Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
        String unsigned = base64.encodeToString("{\"alg\":\"none\"}".getBytes(StandardCharsets.UTF_8)) + "."
                + base64.encodeToString("{\"sub\":\"ann\",\"channels\":[\"news.*\"]}".getBytes(StandardCharsets.UTF_8))
                + ".";
        KeyPairGenerator keys = KeyPairGenerator.getInstance("RSA");
        keys.initialize(2048);
        RSAPrivateKey rsa = (RSAPrivateKey) keys.generateKeyPair().getPrivate();
        Algorithm good = Algorithm.HMAC512(NodeServer.KEY);
        List<String> tokens = List.of(
                "",
                "x",
                "a.b.c",
                unsigned,
                claims().sign(Algorithm.RSA256(null, rsa)),
                claims().sign(Algorithm.HMAC512("another key, which is long enough, but another")),
                claims().withClaim("app", "shop").sign(good),
                claims().withClaim("app", "nobody").sign(good),
                claims().withExpiresAt(Instant.now().minusSeconds(100)).sign(good),
                claims().withNotBefore(Instant.now().plusSeconds(100)).sign(good),
                claims().sign(good).replaceAll("\\.[^.]*$", ".AAAA"),
                JWT.create().withClaim("channels", List.of("news.*")).sign(good),
                "x".repeat(17_000));
        for (String token : tokens) {
            Answer answer = history(token);
            assertProblem(401, "unauthorized", answer);
            assertTrue(token.length() < 5 || !answer.body().contains(token), answer.body());
        }
    }

    @Test
    void token_inHeaderQueryOrCookie_isFoundInThisOrder() {
        String good = server.token("ann", "news.*");
        assertEquals(200, server.get("/history/news.a?token=" + good).status());
        assertEquals(
                401,
                server.get("/history/news.a?token=" + good, NodeServer.bearer("x"))
                        .status());
        assertEquals(
                200,
                server.get("/history/news.a", "Cookie", "a=b; pushy_token=" + good, "Origin", NodeServer.ORIGIN)
                        .status());
        for (String[] headers : List.of(
                new String[] {"Cookie", "pushy_token=" + good},
                new String[] {"Cookie", "pushy_token=" + good, "Origin", "https://evil.example.com"},
                new String[] {"Cookie", "pushy_token=" + good, "Origin", "https://shop.example.com"},
                new String[] {"Cookie", "pushy_token=" + good, "Origin", "null"})) {
            assertProblem(401, "unauthorized", server.get("/history/news.a", headers));
        }
        assertEquals(
                200,
                server.get(
                                "/history/news.a",
                                "Cookie",
                                "pushy_token=" + good,
                                "Origin",
                                "http://127.0.0.1:" + server.port())
                        .status());
        assertEquals(
                200,
                server.get("/history/news.a", "Cookie", "pushy_token=" + good, "Sec-Fetch-Site", "same-origin")
                        .status());
    }

    @Test
    void token_inTheQuery_canBeSwitchedOff() {
        try (NodeServer strict = new NodeServer(node -> node, settings -> settings.queryTokens(false))) {
            String good = strict.token("ann", "news.*");
            assertProblem(401, "unauthorized", strict.get("/history/news.a?token=" + good));
            assertEquals(
                    200, strict.get("/history/news.a", NodeServer.bearer(good)).status());
        }
    }

    @Test
    void revoke_ofATokenId_refusesThatTokenAlone() {
        String one = claims().withJWTId("one").sign(Algorithm.HMAC512(NodeServer.KEY));
        String two = claims().withJWTId("two").sign(Algorithm.HMAC512(NodeServer.KEY));
        assertEquals(200, history(one).status());
        assertEquals(
                200,
                server.post("/revoke", "{\"jti\":\"one\"}", NodeServer.publisher())
                        .status());
        assertProblem(401, "unauthorized", history(one));
        assertEquals(200, history(two).status());
    }

    @Test
    void revoke_ofASubject_refusesWhatWasIssuedSoFar() {
        String old = JWT.create()
                .withSubject("revoked")
                .withClaim("channels", List.of("news.*"))
                .withIssuedAt(Instant.now().minusSeconds(5))
                .sign(Algorithm.HMAC512(NodeServer.KEY));
        assertEquals(200, history(old).status());
        assertEquals(
                200,
                server.post("/revoke", "{\"sub\":\"revoked\"}", NodeServer.publisher())
                        .status());
        assertProblem(401, "unauthorized", history(old));
    }

    @Test
    void revoke_withoutOneName_isRefused() {
        for (String body : List.of("{}", "{\"jti\":\"a\",\"sub\":\"b\"}", "{\"jti\":\"\"}")) {
            assertProblem(400, "invalid_request", server.post("/revoke", body, NodeServer.publisher()));
        }
        assertProblem(401, "unauthorized", server.post("/revoke", "{\"jti\":\"a\"}"));
    }

    @Test
    void token_bodyThatIsTooLong_isAnsweredEachTime() {
        String body = "{\"sub\":\"ann\",\"channels\":[\"a\"],\"meta\":{\"x\":\"" + "m".repeat(200_000) + "\"}}";
        for (int i = 0; i < 200; i++) {
            assertProblem(413, "too_large", token(body));
        }
    }
}
