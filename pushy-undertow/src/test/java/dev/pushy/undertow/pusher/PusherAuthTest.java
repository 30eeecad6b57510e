package dev.pushy.undertow.pusher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PusherAuthTest {
    private static final AppKey KEY = new AppKey("app-key-01", "app-secret-01");
    private static final AppKey PUBLISHED = new AppKey("278d425bdf160c739803", "7ad3773142a6692b25b8");
    private static final String SOCKET = "123.456";

    @Test
    void privateChannel_vectorC1_isSignedAsKnown() {
        assertEquals(
                "53086244233a45c9ad8018307d0ebd113e00b8c88f9677edbbd5072428e88ded",
                PusherAuth.sign(KEY, PusherAuth.subscription(SOCKET, "private-orders")));
    }

    @Test
    void presenceChannel_vectorC2_isSignedAsKnown() {
        assertEquals(
                "49ee396cb798cc9c4e34b6bcc4733b87d2f7dff70c3c7086543fe861b6878f7a",
                PusherAuth.sign(
                        KEY,
                        PusherAuth.subscription(
                                SOCKET, "presence-room", "{\"user_id\":\"u-42\",\"user_info\":{\"name\":\"Ann\"}}")));
    }

    @Test
    void signIn_vectorC3_isSignedAsKnown() {
        assertEquals(
                "ba9ee637ceb1bdf007e15a866d24d658ee87bfe725fd556b3e27d9fef6643037",
                PusherAuth.sign(
                        KEY,
                        PusherAuth.signIn(
                                SOCKET, "{\"id\":\"u-42\",\"user_info\":{\"name\":\"Ann\"},\"watchlist\":[\"u-7\"]}")));
    }

    @Test
    void presenceChannelWithoutData_vectorC4_isSignedAsKnown() {
        assertEquals(
                "bbda8ee1fa01c7430cdec493e4e9ae4fad2df7a8e3289fe35eb114f7f2b595e6",
                PusherAuth.sign(KEY, PusherAuth.subscription(SOCKET, "presence-room")));
    }

    @Test
    void publishedExamples_thatAreRight_areSignedAsPrinted() {
        String foobar = PusherAuth.sign(PUBLISHED, PusherAuth.subscription("1234.1234", "private-foobar"));
        assertTrue(foobar.startsWith("58df8b0c") && foobar.endsWith("51c3a4"), foobar);
        String signIn = PusherAuth.sign(PUBLISHED, PusherAuth.signIn("1234.1234", "{\"id\":\"12345\"}"));
        assertTrue(signIn.startsWith("4708d583") && signIn.endsWith("6de336ba"), signIn);
    }

    @Test
    void publishedPresenceExample_isThatOfTheNameItPrints() {
        assertEquals(
                "31935e7d86dba64c2a90aed31fdc61869f9b22ba9d8863bba239c03ca481bc80",
                PusherAuth.sign(
                        PUBLISHED,
                        PusherAuth.subscription(
                                "1234.1234",
                                "presence-foobar",
                                "{\"user_id\":10,\"user_info\":{\"name\":\"Mr. Channels\"}}")));
    }

    @Test
    void webhook_vectorW1_isSignedAsKnown() {
        assertEquals(
                "33480cbc6433fb6c7b624e77faa9248635b35444d1e4bdcbd1b9a19b876e8a29",
                PusherAuth.sign(
                        KEY,
                        "{\"time_ms\":1700000000000,\"events\":[{\"name\":\"channel_occupied\",\"channel\":\"orders\"}]}"));
    }

    @Test
    void match_ofAnotherTextSignatureOrSecret_isFalse() {
        String right = PusherAuth.sign(KEY, "text");
        assertTrue(PusherAuth.matches(KEY, "text", right));
        assertFalse(PusherAuth.matches(KEY, "Text", right));
        assertFalse(PusherAuth.matches(KEY, "text", right.toUpperCase(java.util.Locale.ROOT)));
        assertFalse(PusherAuth.matches(KEY, "text", right.substring(1)));
        assertFalse(PusherAuth.matches(KEY, "text", ""));
        assertFalse(PusherAuth.matches(KEY, "text", "\u2603"));
        assertFalse(PusherAuth.matches(new AppKey("app-key-01", "another"), "text", right));
    }
}
