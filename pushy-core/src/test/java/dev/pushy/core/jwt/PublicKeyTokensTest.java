package dev.pushy.core.jwt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.auth0.jwt.JWT;
import com.auth0.jwt.JWTCreator;
import com.auth0.jwt.algorithms.Algorithm;
import com.sun.net.httpserver.HttpServer;
import dev.pushy.core.Grant;
import dev.pushy.core.InvalidTokenException;
import dev.pushy.core.UnavailableException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublicKeyTokensTest {
    private static final KeyPair RSA = rsa(2048);
    private static final KeyPair OTHER_RSA = rsa(2048);

    private static KeyPair rsa(int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyPair ec(String curve) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec(curve));
        return generator.generateKeyPair();
    }

    private static JWTCreator.Builder claims() {
        return JWT.create().withSubject("ann").withClaim("channels", List.of("news.*"));
    }

    private static Algorithm rs256(KeyPair pair) {
        return Algorithm.RSA256((RSAPublicKey) pair.getPublic(), (RSAPrivateKey) pair.getPrivate());
    }

    private static String pem(PublicKey key) {
        return "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded())
                + "\n-----END PUBLIC KEY-----\n";
    }

    private static JwtTokenService trusting(PublicKey key) {
        return JwtTokenService.builder().publicKey("default", null, key).build();
    }

    @Test
    void verify_everyRsaAlgorithm_isAccepted() {
        RSAPublicKey open = (RSAPublicKey) RSA.getPublic();
        RSAPrivateKey secret = (RSAPrivateKey) RSA.getPrivate();
        JwtTokenService service = trusting(open);
        for (Algorithm algorithm : List.of(
                Algorithm.RSA256(open, secret),
                Algorithm.RSA384(open, secret),
                Algorithm.RSA512(open, secret),
                Algorithm.RSA256PSS(open, secret),
                Algorithm.RSA384PSS(open, secret),
                Algorithm.RSA512PSS(open, secret))) {
            assertEquals("ann", service.verify(claims().sign(algorithm)).subject(), algorithm.getName());
        }
        assertThrows(InvalidTokenException.class, () -> service.verify(claims().sign(rs256(OTHER_RSA))));
    }

    @Test
    void verify_ecAlgorithmOfTheKeysCurve_isAccepted() throws Exception {
        KeyPair p256 = ec("secp256r1");
        KeyPair p384 = ec("secp384r1");
        KeyPair p521 = ec("secp521r1");
        String es256 =
                claims().sign(Algorithm.ECDSA256((ECPublicKey) p256.getPublic(), (ECPrivateKey) p256.getPrivate()));
        String es384 =
                claims().sign(Algorithm.ECDSA384((ECPublicKey) p384.getPublic(), (ECPrivateKey) p384.getPrivate()));
        String es512 =
                claims().sign(Algorithm.ECDSA512((ECPublicKey) p521.getPublic(), (ECPrivateKey) p521.getPrivate()));
        assertEquals("ann", trusting(p256.getPublic()).verify(es256).subject());
        assertEquals("ann", trusting(p384.getPublic()).verify(es384).subject());
        assertEquals("ann", trusting(p521.getPublic()).verify(es512).subject());
        assertThrows(
                InvalidTokenException.class, () -> trusting(p384.getPublic()).verify(es256));
        assertThrows(
                InvalidTokenException.class,
                () -> trusting(ec("secp256r1").getPublic()).verify(es256));
    }

    @Test
    void verify_hmacWithThePublicKey_isRefused() {
        JwtTokenService service = trusting(RSA.getPublic());
        List<byte[]> guesses = List.of(
                pem(RSA.getPublic()).getBytes(StandardCharsets.US_ASCII),
                pem(RSA.getPublic()).trim().getBytes(StandardCharsets.US_ASCII),
                RSA.getPublic().getEncoded());
        for (byte[] guess : guesses) {
            assertThrows(InvalidTokenException.class, () -> service.verify(claims().sign(Algorithm.HMAC256(guess))));
            assertThrows(InvalidTokenException.class, () -> service.verify(claims().sign(Algorithm.HMAC512(guess))));
        }
    }

    @Test
    void verify_algorithmOutsideTheKeysOwn_isRefused() {
        JwtTokenService service = JwtTokenService.builder()
                .publicKey("default", null, RSA.getPublic(), List.of("PS256"))
                .build();
        assertThrows(InvalidTokenException.class, () -> service.verify(claims().sign(rs256(RSA))));
        JwtTokenService.Builder builder = JwtTokenService.builder();
        assertThrows(
                IllegalArgumentException.class,
                () -> builder.publicKey("default", null, RSA.getPublic(), List.of("HS256")));
    }

    @Test
    void verify_keysBesideASecret_areBothGood() {
        String secret = "a secret of forty bytes, which is plenty";
        JwtTokenService service = JwtTokenService.builder()
                .secret(secret)
                .publicKey("default", "r", RSA.getPublic())
                .publicKey("other", null, OTHER_RSA.getPublic())
                .build();
        assertEquals("ann", service.verify(claims().sign(rs256(RSA))).subject());
        assertEquals(
                "ann", service.verify(claims().sign(Algorithm.HMAC256(secret))).subject());
        assertThrows(InvalidTokenException.class, () -> service.verify(claims().sign(rs256(OTHER_RSA))));
        assertEquals(
                "other",
                service.verify(claims().withClaim("app", "other").sign(rs256(OTHER_RSA)))
                        .app());
        Grant other = new Grant("other", "ann", List.of(), List.of(), "null", null, null, null);
        assertThrows(UnsupportedOperationException.class, () -> service.issue(other));
    }

    @Test
    void builder_publicKeyFile_isRead(@TempDir Path folder) throws Exception {
        Path good = Files.writeString(folder.resolve("key.pem"), "# a comment\n" + pem(RSA.getPublic()));
        JwtTokenService service =
                JwtTokenService.builder().publicKey("default", null, good).build();
        assertEquals("ann", service.verify(claims().sign(rs256(RSA))).subject());

        JwtTokenService.Builder builder = JwtTokenService.builder();
        String secretKey = pem(RSA.getPublic()).replace("PUBLIC", "PRIVATE");
        for (String content :
                List.of("", "garbage", secretKey, "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----")) {
            Path bad = Files.writeString(folder.resolve("bad.pem"), content);
            IllegalArgumentException refused =
                    assertThrows(IllegalArgumentException.class, () -> builder.publicKey("default", null, bad));
            assertTrue(refused.getMessage().contains("bad.pem"), refused.getMessage());
        }
        Path missing = folder.resolve("missing.pem");
        assertThrows(IllegalArgumentException.class, () -> builder.publicKey("default", null, missing));
    }

    @Test
    void builder_weakOrUnknownKey_isRefused() throws Exception {
        JwtTokenService.Builder builder = JwtTokenService.builder();
        PublicKey weak = rsa(1024).getPublic();
        assertTrue(assertThrows(IllegalArgumentException.class, () -> builder.publicKey("default", null, weak))
                .getMessage()
                .contains("1024"));
        PublicKey edwards =
                KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPublic();
        assertThrows(IllegalArgumentException.class, () -> builder.publicKey("default", null, edwards));
    }

    @Test
    void jwks_openUrl_isRefused() {
        for (String url : List.of("http://example.com/jwks", "ftp://localhost/x", "file:///etc/keys", "jwks.json")) {
            assertThrows(IllegalArgumentException.class, () -> new JwksKeys(URI.create(url)), url);
        }
    }

    @Test
    void jwks_keys_areFetchedOnceAndCached() throws Exception {
        try (Issuer issuer = new Issuer()) {
            issuer.body = jwks(jwk("a", RSA, "RS256"), "{\"kty\":\"OKP\",\"kid\":\"x\"}", "{\"kty\":\"RSA\"}");
            JwtTokenService service = issuer.service();
            String token = claims().withKeyId("a").sign(rs256(RSA));
            ExecutorService threads = Executors.newFixedThreadPool(8);
            try {
                List<Future<Grant>> grants = new ArrayList<>();
                for (int i = 0; i < 64; i++) {
                    grants.add(threads.submit(() -> service.verify(token)));
                }
                for (Future<Grant> grant : grants) {
                    assertEquals("ann", grant.get().subject());
                }
            } finally {
                threads.shutdownNow();
            }
            assertEquals(1, issuer.requests.get());
            assertThrows(
                    InvalidTokenException.class,
                    () -> service.verify(
                            claims().withKeyId("a").sign(Algorithm.RSA512(null, (RSAPrivateKey) RSA.getPrivate()))));
            assertThrows(
                    InvalidTokenException.class,
                    () -> service.verify(claims().withKeyId("a").sign(rs256(OTHER_RSA))));
            assertEquals("ann", service.verify(claims().sign(rs256(RSA))).subject(), "a token that names no key");
        }
    }

    @Test
    void jwks_unknownKeyIds_fetchAgainButNotOften() throws Exception {
        try (Issuer issuer = new Issuer()) {
            issuer.body = jwks(jwk("a", RSA, null));
            AtomicLong clock = new AtomicLong();
            JwksKeys keys = new JwksKeys(issuer.url(), clock::get, 60_000);
            assertEquals(1, keys.find("a", "RS256").size());
            issuer.body = jwks(jwk("a", RSA, null), jwk("b", OTHER_RSA, null));
            for (int i = 0; i < 50; i++) {
                assertEquals(0, keys.find("b" + i, "RS256").size());
            }
            assertEquals(1, issuer.requests.get(), "invented ids reach the issuer");
            clock.addAndGet(11_000_000_000L);
            assertEquals(1, keys.find("b", "RS256").size());
            assertEquals(2, issuer.requests.get());
            assertEquals(0, keys.find("c", "HS256").size());
            assertEquals(2, issuer.requests.get());
        }
    }

    @Test
    void jwks_whenOld_isFetchedAgainAndKeptIfThatFails() throws Exception {
        try (Issuer issuer = new Issuer()) {
            issuer.body = jwks(jwk("a", RSA, null));
            AtomicLong clock = new AtomicLong();
            JwksKeys keys = new JwksKeys(issuer.url(), clock::get, 60_000);
            keys.find("a", "RS256");
            issuer.status = 500;
            clock.addAndGet(601_000_000_000L);
            assertEquals(1, keys.find("a", "RS256").size());
            assertEquals(2, issuer.requests.get());
            assertThrows(UnavailableException.class, () -> keys.find("new", "RS256"));
            issuer.status = 200;
            issuer.body = jwks(jwk("b", OTHER_RSA, null));
            clock.addAndGet(11_000_000_000L);
            assertEquals(1, keys.find("b", "RS256").size());
            assertEquals(0, keys.find("a", "RS256").size(), "a key that the issuer took back is still good");
        }
    }

    @Test
    void jwks_thatCannotBeFetched_isUnavailableNotInvalid() throws Exception {
        try (Issuer issuer = new Issuer()) {
            issuer.status = 503;
            JwtTokenService service = issuer.service();
            String token = claims().withKeyId("a").sign(rs256(RSA));
            for (int i = 0; i < 10; i++) {
                assertThrows(UnavailableException.class, () -> service.verify(token));
            }
            assertEquals(1, issuer.requests.get());
            issuer.status = 200;
            issuer.body = "<html>";
            assertThrows(UnavailableException.class, () -> issuer.service().verify(token));
        }
    }

    private static String jwks(String... keys) {
        return "{\"keys\":[" + String.join(",", keys) + "]}";
    }

    private static String jwk(String id, KeyPair pair, String algorithm) {
        RSAPublicKey key = (RSAPublicKey) pair.getPublic();
        String alg = algorithm == null ? "" : ",\"alg\":\"" + algorithm + "\"";
        return "{\"kty\":\"RSA\",\"use\":\"sig\",\"kid\":\"" + id + "\"" + alg + ",\"n\":\"" + number(key.getModulus())
                + "\",\"e\":\"" + number(key.getPublicExponent()) + "\"}";
    }

    private static String number(BigInteger value) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(value.toByteArray());
    }

    /** An issuer's web server. */
    private static final class Issuer implements AutoCloseable {
        final AtomicInteger requests = new AtomicInteger();
        volatile int status = 200;
        volatile String body = "";
        private final HttpServer server;

        Issuer() throws java.io.IOException {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/jwks", exchange -> {
                requests.incrementAndGet();
                byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
                exchange.getResponseBody().write(bytes);
                exchange.close();
            });
            server.start();
        }

        URI url() {
            return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/jwks");
        }

        JwtTokenService service() {
            return JwtTokenService.builder().jwks("default", url()).build();
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }
}
