package dev.pushy.server;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigTypeTest {

    @ParameterizedTest
    @CsvSource({
        "250ms, 250",
        "15s, 15000",
        "15, 15000",
        "5m, 300000",
        "6h, 21600000",
        "1d, 86400000",
        "2 s, 2000",
        "3S, 3000"
    })
    void duration_withUnit_isRead(String text, long millis) {
        assertEquals(
                Duration.ofMillis(millis),
                ConfigType.duration("0s", "30d").reader().apply(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "s", "-1s", "1.5s", "5 minutes", "31d", "999999999999d", "99999999999999999999s"})
    void duration_outsideItsForm_isRefused(String text) {
        assertThrows(
                RuntimeException.class,
                () -> ConfigType.duration("0s", "30d").reader().apply(text));
    }

    @ParameterizedTest
    @CsvSource({
        "1024, 1024",
        "64KiB, 65536",
        "64kb, 64000",
        "1MiB, 1048576",
        "2 MB, 2000000",
        "1GiB, 1073741824",
        "12B, 12"
    })
    void bytes_withUnit_areRead(String text, long bytes) {
        assertEquals(bytes, ConfigType.bytes("1B", "1GiB").reader().apply(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "2GiB", "ten", "1K", "-5"})
    void bytes_outsideTheirForm_areRefused(String text) {
        assertThrows(
                RuntimeException.class,
                () -> ConfigType.bytes("1B", "1GiB").reader().apply(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"yes", "on", "1", ""})
    void yesNo_otherWords_areRefused(String text) {
        assertThrows(
                IllegalArgumentException.class, () -> ConfigType.YES_NO.reader().apply(text));
    }

    @Test
    void everyKey_default_isOfItsType() {
        for (ConfigKey key : ConfigKey.values()) {
            String text = key.defaultText();
            if (text != null) {
                assertDoesNotThrow(() -> key.type().reader().apply(text), key.path());
            }
        }
    }

    @Test
    void everyKey_environmentName_isItsOwn() {
        long names = Arrays.stream(ConfigKey.values())
                .map(key -> ConfigKey.environmentName(key.path()))
                .distinct()
                .count();

        assertEquals(ConfigKey.values().length, names);
    }
}
