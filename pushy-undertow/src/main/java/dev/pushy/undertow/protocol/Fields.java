package dev.pushy.undertow.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The members of a request by name and type. A member that is {@code null} counts as left out; unknown ones are ignored. */
public final class Fields {
    private Fields() {}

    private static @Nullable RawJson present(Map<String, RawJson> members, String name) {
        RawJson value = members.get(name);
        return value == null || value.isNull() ? null : value;
    }

    /** A text, or null if it was left out. */
    public static @Nullable String text(Map<String, RawJson> members, String name) {
        RawJson value = present(members, name);
        return value == null ? null : require(value.text(), name, "a string");
    }

    /**
     * A text that must be there.
     *
     * @param meaning what it is, for the error
     */
    public static String requiredText(Map<String, RawJson> members, String name, String meaning) {
        String text = text(members, name);
        if (text == null || text.isEmpty()) {
            throw new RequestException(
                    Fault.INVALID_REQUEST, "\"" + name + "\" is missing: it is " + meaning + ", a string");
        }
        return text;
    }

    /** A whole number, or null if it was left out. */
    public static @Nullable Long number(Map<String, RawJson> members, String name) {
        RawJson value = present(members, name);
        return value == null ? null : require(value.number(), name, "a whole number");
    }

    /** A truth, or null if it was left out. */
    public static @Nullable Boolean truth(Map<String, RawJson> members, String name) {
        RawJson value = present(members, name);
        return value == null ? null : require(value.truth(), name, "true or false");
    }

    /** An array of texts, or null if it was left out. */
    public static @Nullable List<String> texts(Map<String, RawJson> members, String name) {
        RawJson value = present(members, name);
        if (value == null) {
            return null;
        }
        List<String> texts = new ArrayList<>();
        for (RawJson element : require(value.elements(1), name, "an array of strings")) {
            texts.add(require(element.text(), name, "an array of strings"));
        }
        return texts;
    }

    private static <T> T require(@Nullable T value, String name, String type) {
        if (value == null) {
            throw new RequestException(Fault.INVALID_REQUEST, "\"" + name + "\" must be " + type);
        }
        return value;
    }
}
