package dev.pushy.undertow.protocol;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** A JSON object that is written member by member: answers and control messages, which are made once each. */
public final class JsonText {
    private static final JsonStringEncoder ENCODER = JsonStringEncoder.getInstance();

    private final StringBuilder out;

    private JsonText(StringBuilder out) {
        this.out = out;
    }

    /** An object without members. */
    public static JsonText object() {
        return new JsonText(new StringBuilder(128).append('{'));
    }

    /** Adds a text. */
    public JsonText put(String name, String value) {
        quote(name(name), value);
        return this;
    }

    /** Adds a text, or {@code null}. */
    public JsonText putNullable(String name, @Nullable String value) {
        return value == null ? putRaw(name, "null") : put(name, value);
    }

    /** Adds a number. */
    public JsonText put(String name, long value) {
        name(name).append(value);
        return this;
    }

    /** Adds {@code true} or {@code false}. */
    public JsonText put(String name, boolean value) {
        name(name).append(value);
        return this;
    }

    /** Adds an array of texts, each as its {@code toString}. */
    public JsonText put(String name, Collection<?> values) {
        StringBuilder array = name(name).append('[');
        String separator = "";
        for (Object value : values) {
            quote(array.append(separator), value.toString());
            separator = ",";
        }
        array.append(']');
        return this;
    }

    /** Adds a value that is JSON already. */
    public JsonText putRaw(String name, String json) {
        name(name).append(json);
        return this;
    }

    /** Adds an array of values that are JSON already. */
    public JsonText putRaw(String name, Collection<String> jsons) {
        name(name).append('[').append(String.join(",", jsons)).append(']');
        return this;
    }

    /** The object. */
    public String end() {
        return out.append('}').toString();
    }

    private StringBuilder name(String name) {
        if (out.length() > 1) {
            out.append(',');
        }
        quote(out, name);
        return out.append(':');
    }

    private static void quote(StringBuilder out, String text) {
        out.append('"');
        ENCODER.quoteAsString(text, out);
        out.append('"');
    }
}
