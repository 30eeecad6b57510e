package dev.pushy.undertow.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.pushy.undertow.protocol.Fault;
import dev.pushy.undertow.protocol.RequestException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TargetTest {
    private static Target read(String path, String query) {
        return Target.of(path, query, "");
    }

    private static void assertRefused(Fault fault, String path, String query, String mountedAt) {
        RequestException e =
                assertThrows(RequestException.class, () -> Target.of(path, query, mountedAt), path + "?" + query);
        assertEquals(fault, e.fault());
    }

    @Test
    void path_isCutAtSlashesBeforeItIsDecoded() {
        assertEquals(
                List.of("publish", "orders;eu"), read("/publish/orders;eu", "").segments());
        assertEquals(
                List.of("publish", "orders;eu"),
                read("/publish/orders%3beu", "").segments());
        assertEquals(List.of("publish", "a/b"), read("/publish/a%2Fb", "").segments());
        assertEquals(List.of("publish", "ü+"), read("/publish/%C3%BC+", "").segments());
        assertEquals(List.of("publish", ""), read("/publish/", "").segments());
        assertEquals(List.of(""), read("/", "").segments());
        assertEquals(List.of("", "publish"), read("//publish", "").segments());
    }

    @Test
    void mount_isTakenOffWhole() {
        assertEquals(
                List.of("token"), Target.of("/push/v1/token", "", "/push/v1").segments());
        assertEquals(List.of("token"), Target.of("/p%75sh/token", "", "/push").segments());
        assertEquals(List.of(), Target.of("/push", "", "/push").segments());
        assertRefused(Fault.NOT_FOUND, "/pushy/token", "", "/push");
    }

    @Test
    void query_keepsOrderAndDecodesForms() {
        Target target = read("/", "channels=a,b&channel=c%2Cd&channels=e+f&x&y=&=z&&k=%E2%82%AC");
        assertEquals(
                Map.of(
                        "channels", List.of("a,b", "e f"),
                        "channel", List.of("c,d"),
                        "x", List.of(""),
                        "y", List.of(""),
                        "", List.of("z"),
                        "k", List.of("€")),
                target.query());
    }

    @Test
    void query_withASingleValueTwice_isRefused() {
        assertRefused(Fault.INVALID_REQUEST, "/", "token=a&token=b", "");
        assertRefused(Fault.INVALID_REQUEST, "/", "since=a&%73ince=b", "");
    }

    @Test
    void encoding_thatIsMalformed_isRefused() {
        for (String text : List.of("%", "%4", "%zz", "%C3", "%C0%AF", "%ED%A0%80", "a%FF", "%-1")) {
            assertRefused(Fault.INVALID_REQUEST, "/publish/" + text, "", "");
            assertRefused(Fault.INVALID_REQUEST, "/", "channels=" + text, "");
        }
    }

    @Test
    void toString_neverShowsTheQuery() {
        assertEquals(
                "Target[channels, stream]",
                read("/channels/stream", "token=secret").toString());
    }
}
