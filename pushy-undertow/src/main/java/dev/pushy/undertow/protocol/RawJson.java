package dev.pushy.undertow.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A JSON value from outside as the bytes that it came in: checked once, then cut, so that a message's data goes on just as
 * its publisher wrote it. Immutable.
 */
public final class RawJson {
    /** Numbers and names that are longer serve only to keep a parser busy. */
    private static final int MAX_NUMBER = 1_000;

    private static final int MAX_NAME = 4_096;
    /** What no limit of ours allows; the depth that is allowed is counted here, to be named in the error. */
    private static final int PARSER_DEPTH = 1_100;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(PARSER_DEPTH)
                    .maxNumberLength(MAX_NUMBER)
                    .maxNameLength(MAX_NAME)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .build();

    private final byte[] source;
    private final int from;
    private final int to;
    private final JsonToken kind;

    private RawJson(byte[] source, int from, int to, JsonToken kind) {
        this.source = source;
        this.from = from;
        this.to = to;
        this.kind = kind;
    }

    /**
     * Checks that the bytes are one JSON object and nothing else.
     *
     * @param depth the deepest nesting that a member may have
     * @throws RequestException {@link Fault#INVALID_JSON}, with the place and the reason
     */
    public static Map<String, RawJson> object(byte[] utf8, int depth) {
        boolean ascii = true;
        for (byte b : utf8) {
            ascii &= b >= 0;
        }
        if (hasZero(utf8)) {
            throw invalid("it has a zero byte: JSON is sent as UTF-8");
        }
        if (!ascii) {
            requireUtf8(utf8);
        }
        if (startsWithMark(utf8)) {
            throw invalid("it begins with a byte order mark: leave that out");
        }
        return new RawJson(utf8, 0, utf8.length, JsonToken.START_OBJECT).members(depth);
    }

    /**
     * Whether the bytes are one JSON value and nothing else.
     *
     * @param utf8 valid UTF-8
     * @param depth the deepest nesting that it may have
     */
    public static boolean isValue(byte[] utf8, int depth) {
        if (startsWithMark(utf8) || hasZero(utf8)) {
            return false;
        }
        try (JsonParser parser = FACTORY.createParser(utf8)) {
            if (parser.nextToken() == null) {
                return false;
            }
            skip(parser, depth);
            return parser.nextToken() == null;
        } catch (IOException | RequestException e) {
            return false;
        }
    }

    /** A parser would take zeros for UTF-16 or UTF-32; in the JSON that we know they cannot stand. */
    private static boolean hasZero(byte[] utf8) {
        for (byte b : utf8) {
            if (b == 0) {
                return true;
            }
        }
        return false;
    }

    private static void requireUtf8(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
        } catch (CharacterCodingException e) {
            throw invalid("it is not valid UTF-8: JSON is sent as UTF-8");
        }
    }

    private static boolean startsWithMark(byte[] utf8) {
        return utf8.length > 2 && utf8[0] == (byte) 0xEF && utf8[1] == (byte) 0xBB && utf8[2] == (byte) 0xBF;
    }

    /**
     * The members of an object.
     *
     * @param depth the deepest nesting that a member may have
     * @throws RequestException if this is no object, or a name stands twice
     */
    public Map<String, RawJson> members(int depth) {
        Map<String, RawJson> members = new LinkedHashMap<>();
        try (JsonParser parser = FACTORY.createParser(source, from, to - from)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw invalid("it is not an object: put the members between { and }");
            }
            for (JsonToken token = parser.nextToken(); token != JsonToken.END_OBJECT; token = parser.nextToken()) {
                String name = parser.currentName();
                if (members.put(name, next(parser, depth)) != null) {
                    throw invalid("the member \"" + Excerpt.of(name) + "\" stands twice: remove one");
                }
            }
            requireEnd(parser);
        } catch (IOException e) {
            throw invalid(reason(e));
        }
        return members;
    }

    /**
     * The elements of an array, or null if this is none.
     *
     * @param depth the deepest nesting that an element may have
     */
    public @Nullable List<RawJson> elements(int depth) {
        if (kind != JsonToken.START_ARRAY) {
            return null;
        }
        List<RawJson> elements = new ArrayList<>();
        try (JsonParser parser = FACTORY.createParser(source, from, to - from)) {
            parser.nextToken();
            while (true) {
                RawJson element = nextElement(parser, depth);
                if (element == null) {
                    return elements;
                }
                elements.add(element);
            }
        } catch (IOException e) {
            throw invalid(reason(e));
        }
    }

    private RawJson next(JsonParser parser, int depth) throws IOException {
        parser.nextToken();
        return cut(parser, depth);
    }

    private @Nullable RawJson nextElement(JsonParser parser, int depth) throws IOException {
        return parser.nextToken() == JsonToken.END_ARRAY ? null : cut(parser, depth);
    }

    private RawJson cut(JsonParser parser, int depth) throws IOException {
        JsonToken token = parser.currentToken();
        int begin = from + (int) parser.currentTokenLocation().getByteOffset();
        if (token == null) {
            throw invalid("it ends too early");
        }
        skip(parser, depth);
        return new RawJson(source, begin, from + (int) parser.currentLocation().getByteOffset(), token);
    }

    /** Reads a value to its end; a text must be finished, or the place would be that of its begin. */
    private static void skip(JsonParser parser, int depth) throws IOException {
        int open = 0;
        JsonToken token = parser.currentToken();
        do {
            if (token == null) {
                throw invalid("it ends too early");
            }
            if (token.isStructStart()) {
                open++;
                if (open > depth) {
                    throw invalid("it is nested deeper than " + depth + " levels: make it flatter");
                }
            } else if (token.isStructEnd()) {
                open--;
            } else {
                parser.finishToken();
            }
        } while (open > 0 && (token = parser.nextToken()) != JsonToken.NOT_AVAILABLE);
    }

    private static void requireEnd(JsonParser parser) throws IOException {
        if (parser.nextToken() != null) {
            throw invalid("something follows the object: send one object alone");
        }
    }

    private static RequestException invalid(String why) {
        return new RequestException(Fault.INVALID_JSON, "the JSON was refused: " + why);
    }

    /** What the parser says, without the excerpts of the source and the names of classes that it may add. */
    private static String reason(IOException e) {
        if (e instanceof StreamConstraintsException) {
            return "it has a number of more than " + MAX_NUMBER + " characters, a name of more than " + MAX_NAME
                    + ", or is nested too deep";
        }
        if (e instanceof JsonProcessingException json && json.getLocation() != null) {
            return "it is malformed at line " + json.getLocation().getLineNr() + ", column "
                    + json.getLocation().getColumnNr();
        }
        return "it is malformed";
    }

    /** Whether this is {@code null}. */
    public boolean isNull() {
        return kind == JsonToken.VALUE_NULL;
    }

    /** Whether this is an object. */
    public boolean isObject() {
        return kind == JsonToken.START_OBJECT;
    }

    /** Whether this is a whole number, of any length. */
    public boolean isInteger() {
        return kind == JsonToken.VALUE_NUMBER_INT;
    }

    /** Whether this is an array without elements. */
    public boolean isEmptyArray() {
        List<RawJson> elements = elements(Integer.MAX_VALUE);
        return elements != null && elements.isEmpty();
    }

    /** The text, or null if this is something else. */
    public @Nullable String text() {
        if (kind != JsonToken.VALUE_STRING) {
            return null;
        }
        try (JsonParser parser = FACTORY.createParser(source, from, to - from)) {
            parser.nextToken();
            return parser.getText();
        } catch (IOException e) {
            throw invalid(reason(e));
        }
    }

    /** The whole number, or null if this is something else or does not fit. */
    public @Nullable Long number() {
        if (kind != JsonToken.VALUE_NUMBER_INT || to - from > 18) {
            return null;
        }
        return Long.valueOf(json());
    }

    /** The truth, or null if this is something else. */
    public @Nullable Boolean truth() {
        return switch (kind) {
            case VALUE_TRUE -> Boolean.TRUE;
            case VALUE_FALSE -> Boolean.FALSE;
            default -> null;
        };
    }

    /** How many bytes this has. */
    public int length() {
        return to - from;
    }

    /** A copy of the bytes. */
    public byte[] bytes() {
        return Arrays.copyOfRange(source, from, to);
    }

    /** The value as it was written. */
    public String json() {
        return new String(source, from, to - from, StandardCharsets.UTF_8);
    }

    /** Its kind; what was sent may be private. */
    @Override
    public String toString() {
        return "RawJson[" + kind + ", " + length() + " bytes]";
    }
}
