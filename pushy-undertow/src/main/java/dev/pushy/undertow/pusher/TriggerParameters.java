package dev.pushy.undertow.pusher;

import dev.pushy.undertow.protocol.Fault;
import dev.pushy.undertow.protocol.RawJson;
import dev.pushy.undertow.protocol.RequestException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a POST, which stand in its JSON or in its query; the JSON counts first. A member that is {@code null}
 * counts as left out, unknown ones are ignored.
 *
 * @param members of the JSON object
 * @param query what was signed
 */
record TriggerParameters(Map<String, RawJson> members, RequestQuery query) {

    /** The value of the JSON, or null. */
    @Nullable
    RawJson member(String name) {
        RawJson member = members.get(name);
        return member == null || member.isNull() ? null : member;
    }

    /** A text, or null if it was left out. */
    @Nullable
    String text(String name) {
        RawJson member = member(name);
        if (member == null) {
            return query.first(name);
        }
        String text = member.text();
        if (text == null) {
            throw expected(name, "a string");
        }
        return text;
    }

    /** A text that must be there. */
    String requiredText(String name) {
        String text = text(name);
        if (text == null) {
            throw expected(name, "a string");
        }
        return text;
    }

    /** An array of texts, or null if it was left out. */
    @Nullable
    List<String> texts(String name) {
        RawJson member = member(name);
        if (member == null) {
            return query.list(name);
        }
        List<RawJson> elements = member.elements(1);
        if (elements == null) {
            throw expected(name, "an array of strings");
        }
        List<String> texts = new ArrayList<>();
        for (RawJson element : elements) {
            String text = element.text();
            if (text == null) {
                throw expected(name, "an array of strings");
            }
            texts.add(text);
        }
        return texts;
    }

    /** In the words of the original service. */
    static RequestException expected(String name, String what) {
        return invalid("Expected " + name + " parameter to be " + what);
    }

    static RequestException invalid(String detail) {
        return new RequestException(Fault.INVALID_REQUEST, detail);
    }
}
