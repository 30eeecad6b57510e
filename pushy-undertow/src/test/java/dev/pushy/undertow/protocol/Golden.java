package dev.pushy.undertow.protocol;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** Texts of a protocol as they were agreed on: each begins with a line {@code == name}. */
public final class Golden {
    private Golden() {}

    /** The texts by name, from a resource beside this class or, with a slash before it, anywhere. */
    public static Map<String, String> read(String file) {
        try (InputStream in = Golden.class.getResourceAsStream(file)) {
            String all = new String(Objects.requireNonNull(in, file).readAllBytes(), StandardCharsets.UTF_8);
            Map<String, String> cases = new LinkedHashMap<>();
            for (String part : ("\n" + all).split("\n== ", -1)) {
                int line = part.indexOf('\n');
                if (line >= 0 && !part.isBlank()) {
                    cases.put(part.substring(0, line), part.substring(line + 1).stripTrailing());
                }
            }
            return cases;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
