package dev.pushy.undertow.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A JSON array of texts, the form in which clients send several messages at once. */
public final class TextArray {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private TextArray() {}

    /**
     * The texts of an array, or the one text where the value is none.
     *
     * @throws RequestException {@link Fault#INVALID_JSON} if this is no JSON; {@link Fault#INVALID_REQUEST} if it is, and
     *     something else than a text or an array of texts
     */
    public static List<String> read(String json) {
        try (JsonParser parser = FACTORY.createParser(json)) {
            List<String> texts = new ArrayList<>();
            JsonToken first = parser.nextToken();
            if (first == JsonToken.START_ARRAY) {
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    texts.add(text(parser));
                }
            } else {
                texts.add(text(parser));
            }
            if (parser.nextToken() != null) {
                throw new IOException("something follows");
            }
            return texts;
        } catch (IOException e) {
            throw new RequestException(Fault.INVALID_JSON, "the messages are no JSON: send an array of strings");
        }
    }

    private static String text(JsonParser parser) throws IOException {
        JsonToken token = parser.currentToken();
        if (token == null) {
            throw new IOException("it ends too early");
        }
        if (token != JsonToken.VALUE_STRING) {
            throw new RequestException(
                    Fault.INVALID_REQUEST, "a message is no string: send each one as a string of JSON");
        }
        return parser.getText();
    }
}
