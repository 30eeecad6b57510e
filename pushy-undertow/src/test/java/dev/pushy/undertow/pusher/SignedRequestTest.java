package dev.pushy.undertow.pusher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.undertow.protocol.Fault;
import dev.pushy.undertow.protocol.RequestException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The published and computed vectors of request signatures, and what is not one of them. */
class SignedRequestTest {
    private static final PusherApp APP =
            PusherApp.builder("1001").key("app-key-01", "app-secret-01").build();
    private static final Instant THEN = Instant.ofEpochSecond(1_700_000_000);
    private static final String AUTH = "auth_key=app-key-01&auth_timestamp=1700000000&auth_version=1.0";
    private static final String EVENTS = "/apps/1001/events";
    private static final String EVENT_BODY =
            "{\"name\":\"order-shipped\",\"channel\":\"orders\",\"data\":\"{\\\"id\\\":7}\"}";
    private static final String EVENT_QUERY = AUTH + "&body_md5=38334aa242544b851dabbc12f7bb7286"
            + "&auth_signature=52dfb47db94e99df9564824495d56b18f6bc9f26d0b921092c505097d43d34c4";

    private static SignedRequest request(String method, String path, String query) {
        return new SignedRequest(method, path, 0, query);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String refusal(SignedRequest request, PusherApp app, Instant now, String body) {
        RequestException refused = assertThrows(RequestException.class, () -> {
            request.requireSigned(app, now);
            request.requireBody(utf8(body));
        });
        assertEquals(Fault.UNAUTHORIZED, refused.fault());
        assertTrue(!refused.getMessage().contains("secret-01"), refused.getMessage());
        return refused.getMessage();
    }

    /** The signature of a text, for requests that are not among the vectors. */
    private static String sign(String text) {
        return PusherAuth.sign(APP.keys().get(0), text);
    }

    @Test
    void R01_eventVector_isAccepted() {
        SignedRequest request = request("POST", EVENTS, EVENT_QUERY);
        request.requireSigned(APP, THEN);
        request.requireBody(utf8(EVENT_BODY));
    }

    @Test
    void R01_channelsVector_isAccepted() {
        RequestQuery query = request(
                        "GET",
                        "/apps/1001/channels",
                        AUTH + "&filter_by_prefix=presence-&info=user_count&auth_signature="
                                + "11867e626861a3a19e97aedae97cfe8b87e8700c90293ddc2d340dd7e21864c8")
                .requireSigned(APP, THEN);
        assertEquals("presence-", query.first("filter_by_prefix"));
    }

    @Test
    void R01_terminateVectors_withAndWithoutBody_areAccepted() {
        String path = "/apps/1001/users/u-42/terminate_connections";
        SignedRequest with = request(
                "POST",
                path,
                AUTH + "&body_md5=99914b932bd37a50b983c5e7c90ae93b&auth_signature="
                        + "29fb298ef2010c656f2e3a7c9ac77c226aabbf4dc5a8ba8a9ddac46190f7e72d");
        with.requireSigned(APP, THEN);
        with.requireBody(utf8("{}"));
        SignedRequest without = request(
                "POST",
                path,
                AUTH + "&auth_signature=78f5d8c8000f6bc82e3192a4328bcb21c1de36df406875e4316e1e047b7a14bf");
        without.requireSigned(APP, THEN);
        without.requireBody(new byte[0]);
    }

    @Test
    void R01_batchVector_ofUtf8_isAccepted() {
        String body = "{\"batch\":[{\"channel\":\"a\",\"name\":\"e\",\"data\":\"1\"},{\"channel\":\"private-b\","
                + "\"name\":\"e\",\"data\":\"h\u00e9llo \u2603\",\"socket_id\":\"11.22\"}]}";
        assertEquals(124, utf8(body).length);
        SignedRequest request = request(
                "POST",
                "/apps/1001/batch_events",
                AUTH + "&body_md5=cc7f6ec00aff55f7c86802d7ba2e676e&auth_signature="
                        + "0b8c82d19cdda6e80eb50ad006b46caaf0946752cce76c53a041e93d83f4e822");
        request.requireSigned(APP, THEN);
        request.requireBody(utf8(body));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ccfa90901f41f7f86777638e6ccde3805145fe15b12b4ef6dc4e619a0cf8efce",
                "e18a73c1de2a814f5b0d3d65b044f95297d7235db5479d52b621b7490b5e262f"
            })
    void R01_arrayVectors_inBothFormsAndHoweverSent_areAccepted(String signature) {
        for (String sent : List.of(
                "channels[]=a&channels[]=b", "channels[0]=a&channels[1]=b", "channels%5B%5D=a&channels%5b%5d=b")) {
            RequestQuery query = request(
                            "POST", "/apps/1001/channels/x/events", sent + "&" + AUTH + "&auth_signature=" + signature)
                    .requireSigned(APP, THEN);
            assertEquals(List.of("a", "b"), query.list("channels"));
        }
    }

    @Test
    void R01_exampleOfTheDocumentation_isAccepted() {
        PusherApp app = PusherApp.builder("3")
                .key("278d425bdf160c739803", "7ad3773142a6692b25b8")
                .build();
        SignedRequest request = request(
                "POST",
                "/apps/3/events",
                "auth_key=278d425bdf160c739803&auth_timestamp=1353088179&auth_version=1.0"
                        + "&body_md5=ec365a775a4cd0599faeb73354201b6f&auth_signature="
                        + "da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c");
        request.requireSigned(app, Instant.ofEpochSecond(1_353_088_179));
        request.requireBody(
                utf8("{\"name\":\"foo\",\"channels\":[\"project-3\"],\"data\":\"{\\\"some\\\":\\\"data\\\"}\"}"));
    }

    @Test
    void R02_changeOfAnyPart_isRefused() {
        assertTrue(refusal(request("PUT", EVENTS, EVENT_QUERY), APP, THEN, EVENT_BODY)
                .startsWith("Invalid signature: "));
        assertTrue(refusal(request("POST", "/apps/1001/eventz", EVENT_QUERY), APP, THEN, EVENT_BODY)
                .startsWith("Invalid signature: "));
        assertTrue(refusal(request("POST", EVENTS, EVENT_QUERY + "&more=1"), APP, THEN, EVENT_BODY)
                .startsWith("Invalid signature: "));
        for (String part : List.of("38334aa2", "52dfb47d")) {
            String changed = EVENT_QUERY.replace(part, part.replace('d', 'e').replace('3', '4'));
            assertTrue(refusal(request("POST", EVENTS, changed), APP, THEN, EVENT_BODY)
                    .startsWith("Invalid signature: "));
        }
        assertTrue(refusal(request("POST", EVENTS, EVENT_QUERY), APP, THEN, EVENT_BODY + " ")
                .startsWith("Invalid body_md5: "));
        assertTrue(refusal(request("POST", EVENTS, EVENT_QUERY), APP, THEN, "").startsWith("Invalid body_md5: "));
        assertEquals(
                "Unknown auth_key",
                refusal(request("POST", EVENTS, EVENT_QUERY.replace("key-01", "key-02")), APP, THEN, EVENT_BODY));
    }

    @Test
    void R02_keyOfAnotherSecret_isRefused() {
        PusherApp app = PusherApp.builder("1001")
                .key("app-key-01", "app-secret-02")
                .key("app-key-02", "app-secret-01")
                .build();
        refusal(request("POST", EVENTS, EVENT_QUERY), app, THEN, EVENT_BODY);
        PusherApp rotated = PusherApp.builder("1001")
                .key("app-key-00", "app-secret-00")
                .key("app-key-01", "app-secret-01")
                .build();
        request("POST", EVENTS, EVENT_QUERY).requireSigned(rotated, THEN);
    }

    @Test
    void R02_upperCaseSignature_isRefused() {
        String signature = "52dfb47db94e99df9564824495d56b18f6bc9f26d0b921092c505097d43d34c4";
        refusal(
                request("POST", EVENTS, EVENT_QUERY.replace(signature, signature.toUpperCase(java.util.Locale.ROOT))),
                APP,
                THEN,
                EVENT_BODY);
    }

    @Test
    void R03_timestamp_within600Seconds_isAccepted() {
        request("POST", EVENTS, EVENT_QUERY).requireSigned(APP, THEN.plusSeconds(599));
        request("POST", EVENTS, EVENT_QUERY).requireSigned(APP, THEN.minusSeconds(599));
        for (int off : new int[] {600, 601, -600, -601}) {
            String expired = refusal(request("POST", EVENTS, EVENT_QUERY), APP, THEN.plusSeconds(off), EVENT_BODY);
            assertTrue(
                    expired.startsWith("Timestamp expired: Given timestamp (2023-11-14T22:13:20Z) not within 600s of"
                            + " server time (2023-11-14T"),
                    expired);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "now", "-1", "1.5", "99999999999999999999", "1700000000%20"})
    void R03_timestampThatIsNone_isRefused(String timestamp) {
        String query = EVENT_QUERY.replace("auth_timestamp=1700000000", "auth_timestamp=" + timestamp);
        assertTrue(
                refusal(request("POST", EVENTS, query), APP, THEN, EVENT_BODY).startsWith("Invalid auth_timestamp"));
    }

    @Test
    void R04_getWithTheMd5OfNothing_isAccepted() {
        String unsigned = AUTH + "&body_md5=d41d8cd98f00b204e9800998ecf8427e";
        SignedRequest request = request(
                "GET",
                "/apps/1001/channels",
                unsigned + "&auth_signature=" + sign("GET\n/apps/1001/channels\n" + unsigned));
        request.requireSigned(APP, THEN);
        request.requireBody(new byte[0]);
    }

    @Test
    void R05_bodyWithoutMd5_isRefused() {
        SignedRequest request =
                request("POST", EVENTS, AUTH + "&auth_signature=" + sign("POST\n" + EVENTS + "\n" + AUTH));
        assertEquals("Missing parameter: body_md5", refusal(request, APP, THEN, EVENT_BODY));
        request.requireBody(new byte[0]);
    }

    @Test
    void R06_oddOrderAndUpperCaseKeys_areAccepted() {
        String query =
                "AUTH_Version=1.0&auth_signature=52dfb47db94e99df9564824495d56b18f6bc9f26d0b921092c505097d43d34c4"
                        + "&Body_MD5=38334aa242544b851dabbc12f7bb7286&auth_timestamp=1700000000&Auth_Key=app-key-01&";
        request("POST", EVENTS, query).requireSigned(APP, THEN);
    }

    @Test
    void missingParameters_areNamed_inTheOrderOfTheChecks() {
        assertEquals("Missing parameter: auth_key", refusal(request("GET", "/x", null), APP, THEN, ""));
        assertEquals("Missing parameter: auth_key", refusal(request("GET", "/x", "auth_version=1.0"), APP, THEN, ""));
        assertEquals("Unknown auth_key", refusal(request("GET", "/x", "auth_key="), APP, THEN, ""));
        String key = "auth_key=app-key-01";
        assertEquals("Missing parameter: auth_version", refusal(request("GET", "/x", key), APP, THEN, ""));
        assertTrue(refusal(request("GET", "/x", key + "&auth_version=2"), APP, THEN, "")
                .startsWith("Version not supported"));
        assertEquals(
                "Missing parameter: auth_timestamp",
                refusal(request("GET", "/x", key + "&auth_version=1.0"), APP, THEN, ""));
        assertEquals("Missing parameter: auth_signature", refusal(request("GET", "/x", AUTH), APP, THEN, ""));
    }

    @Test
    void refusalOfASignature_saysWhatShouldHaveBeenSigned() {
        assertEquals(
                "Invalid signature: you should have sent HmacSHA256Hex(\"GET\\n/x?\\n" + AUTH
                        + "&z=a?b\", your_secret_key), but you sent \"00?\"",
                refusal(request("GET", "/x\u0007", AUTH + "&z=a%0db&auth_signature=00%07"), APP, THEN, ""));
    }

    @Test
    void value_isSignedAsItIsMeant_notAsItIsEncoded() {
        String signed = "GET\n/apps/1001/channels\n" + AUTH + "&filter_by_prefix=a b+\u00e9&=%";
        String query = AUTH + "&filter_by_prefix=a+b%2B%C3%A9%26%3D%25&auth_signature=" + sign(signed);
        assertEquals(
                "a b+\u00e9&=%",
                request("GET", "/apps/1001/channels", query)
                        .requireSigned(APP, THEN)
                        .first("filter_by_prefix"));
    }

    @Test
    void plus_thatWasNotEncoded_isReadAsItWasSigned() {
        String literal = "GET\n/c\n" + AUTH + "&filter_by_prefix=a+b";
        String sent = AUTH + "&filter_by_prefix=a+b&auth_signature=";
        assertEquals(
                "a+b",
                request("GET", "/c", sent + sign(literal))
                        .requireSigned(APP, THEN)
                        .first("filter_by_prefix"));
        assertEquals(
                "a b",
                request("GET", "/c", sent + sign(literal.replace('+', ' ')))
                        .requireSigned(APP, THEN)
                        .first("filter_by_prefix"));
    }

    @Test
    void valueThatIsNotEncoded_isReadAsItIs() {
        String text = "GET\n/c\n" + AUTH + "&filter_by_prefix=100%";
        request("GET", "/c", AUTH + "&filter_by_prefix=100%&auth_signature=" + sign(text))
                .requireSigned(APP, THEN);
    }

    @Test
    void path_isSignedRawOrDecoded_withOrWithoutItsMount() {
        String path = "/realtime/apps/1001/users/a%40b%3Bc/terminate_connections";
        for (String signed : List.of(
                path,
                "/realtime/apps/1001/users/a@b;c/terminate_connections",
                "/apps/1001/users/a%40b%3Bc/terminate_connections",
                "/apps/1001/users/a@b;c/terminate_connections")) {
            String query = AUTH + "&auth_signature=" + sign("POST\n" + signed + "\n" + AUTH);
            new SignedRequest("POST", path, "/realtime".length(), query).requireSigned(APP, THEN);
        }
    }

    @Test
    void names_areSortedByTheirBytes() {
        String query = "b=1&a-b=2&a=3&a_b=4&" + AUTH;
        String text = "GET\n/c\na=3&a-b=2&a_b=4&" + AUTH + "&b=1";
        request("GET", "/c", query + "&auth_signature=" + sign(text)).requireSigned(APP, THEN);
    }

    @Test
    void texts_ofRequestsAndQueries_holdNoSignature() {
        SignedRequest request = request("POST", EVENTS, EVENT_QUERY);
        assertEquals("POST /apps/1001/events", request.toString());
        assertTrue(!request.requireSigned(APP, THEN).toString().contains("52df"));
    }
}
