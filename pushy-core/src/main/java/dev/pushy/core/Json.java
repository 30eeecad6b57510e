package dev.pushy.core;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

/** Objects of an embedder as JSON: the one place in the core that knows Jackson. */
final class Json {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Json() {}

    static byte[] write(Object value) {
        try {
            return MAPPER.writeValueAsBytes(value);
        } catch (JsonProcessingException failed) {
            throw new PublishException(
                    PublishException.Outcome.INVALID,
                    "Jackson cannot write " + value.getClass().getName() + " as JSON: publish what it can write",
                    failed);
        }
    }
}
