package dev.pushy.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;

/**
 * The configured values, each checked against its key: what {@link Raw} becomes. Values are asked for by key, with the
 * names and list places that the key's path leaves open.
 */
final class Settings {
    private final Map<String, Object> values = new HashMap<>();
    private final Map<String, Origin> origins = new HashMap<>();
    private final Map<String, List<String>> names = new HashMap<>();
    private final Map<String, Integer> sizes = new HashMap<>();
    private final List<Fault> faults;

    private Settings(List<Fault> faults) {
        this.faults = faults;
    }

    /** The values of a configuration; what does not fit its key is left out and told as a fault. */
    static Settings read(Raw.Members root, List<Fault> faults) {
        Settings settings = new Settings(faults);
        settings.visit(ConfigSchema.ROOT, root, "");
        return settings;
    }

    private void visit(ConfigSchema schema, Raw raw, String path) {
        if (raw instanceof Raw.Nothing) {
            fault(raw, path, "has no value; write one, or remove the key");
        } else if (schema.key().isPresent()) {
            value(schema.key().get(), raw, path);
        } else if (schema.items().isPresent()) {
            items(schema.items().get(), raw, path);
        } else if (raw instanceof Raw.Members members) {
            members(schema, members, path);
        } else {
            fault(
                    raw,
                    path,
                    "is " + raw.kind() + "; it should hold keys and values: " + String.join(", ", schema.names()));
        }
    }

    private void members(ConfigSchema schema, Raw.Members mapping, String path) {
        mapping.members().forEach((name, member) -> {
            String below = path.isEmpty() ? name : path + "." + name;
            Optional<ConfigSchema> next = schema.member(name);
            if (next.isEmpty()) {
                faults.add(new Fault(
                        member.nameOrigin(), below, "no such key; " + Suggestion.among(name, schema.names())));
                return;
            }
            if (schema.namesAreFree()) {
                names.computeIfAbsent(path, any -> new ArrayList<>()).add(name);
            }
            origins.put(below, member.nameOrigin());
            visit(next.get(), member.value(), below);
        });
    }

    private void items(ConfigSchema schema, Raw raw, String path) {
        if (!(raw instanceof Raw.Items list)) {
            fault(
                    raw,
                    path,
                    "is " + raw.kind() + "; it should be a list of entries with " + String.join(", ", schema.names()));
            return;
        }
        sizes.put(path, list.items().size());
        for (int i = 0; i < list.items().size(); i++) {
            Raw item = list.items().get(i);
            origins.put(path + "[" + i + "]", item.origin());
            visit(schema, item, path + "[" + i + "]");
        }
    }

    private void value(ConfigKey key, Raw raw, String path) {
        origins.put(path, raw.origin());
        if (key.type().list()) {
            List<Object> list = new ArrayList<>();
            for (Raw item : raw instanceof Raw.Items items ? items.items() : List.of(raw)) {
                single(key, item, path).ifPresent(list::add);
            }
            values.put(path, List.copyOf(list));
        } else {
            single(key, raw, path).ifPresent(value -> values.put(path, value));
        }
    }

    private Optional<Object> single(ConfigKey key, Raw raw, String path) {
        if (!(raw instanceof Raw.Scalar scalar)) {
            fault(raw, path, "is " + raw.kind() + "; it should be " + key.type().form());
            return Optional.empty();
        }
        try {
            return Optional.of(key.type().reader().apply(scalar.text()));
        } catch (IllegalArgumentException | ArithmeticException e) {
            String written = key.type().secret() ? "the value" : "\"" + shortened(scalar.text()) + "\"";
            fault(
                    raw,
                    path,
                    written + " will not do; it should be " + key.type().form());
            return Optional.empty();
        }
    }

    private static String shortened(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "...";
    }

    private void fault(Raw raw, String path, String message) {
        faults.add(new Fault(raw.origin(), path, message));
    }

    /** Adds a fault about a key, at the place where it was written, if it was. */
    void fault(String message, ConfigKey key, Object... places) {
        faultAt(path(key, places), message);
    }

    /** Adds a fault about a path, at the place where it or the nearest thing around it was written. */
    void faultAt(String path, String message) {
        Origin origin = origins.get(path);
        for (String around = path; origin == null && around.contains("."); ) {
            around = around.substring(0, around.lastIndexOf('.'));
            origin = origins.get(around);
        }
        faults.add(new Fault(origin, path, message));
    }

    /** The names that an operator chose under a path, such as {@code apps}. */
    List<String> names(String path) {
        return List.copyOf(names.getOrDefault(path, List.of()));
    }

    /** How long the list is that a key's path goes through. */
    int size(ConfigKey key, Object... places) {
        String path = path(key, places);
        return sizes.getOrDefault(path.substring(0, path.indexOf("[]")), 0);
    }

    /** Whether something was written for a key, be it right or wrong. */
    boolean has(ConfigKey key, Object... places) {
        return origins.containsKey(path(key, places));
    }

    /** Whether something was written under a path, such as {@code apps.shop.pusher}. */
    boolean hasAt(String path) {
        return origins.containsKey(path);
    }

    /** The value configured, or the key's default; empty where it has none. */
    private Optional<Object> find(ConfigKey key, Object... places) {
        Object configured = values.get(path(key, places));
        if (configured != null) {
            return Optional.of(configured);
        }
        return Optional.ofNullable(key.defaultText()).map(text -> {
            Object value = key.type().reader().apply(text);
            return key.type().list() ? List.of(value) : value;
        });
    }

    <T> Optional<T> optional(Class<T> type, ConfigKey key, Object... places) {
        return find(key, places).map(type::cast);
    }

    String text(ConfigKey key, Object... places) {
        return optional(String.class, key, places).orElseThrow();
    }

    int number(ConfigKey key, Object... places) {
        return optional(Integer.class, key, places).orElseThrow();
    }

    long bytes(ConfigKey key, Object... places) {
        return optional(Long.class, key, places).orElseThrow();
    }

    boolean yes(ConfigKey key, Object... places) {
        return optional(Boolean.class, key, places).orElseThrow();
    }

    Duration duration(ConfigKey key, Object... places) {
        return optional(Duration.class, key, places).orElseThrow();
    }

    List<String> texts(ConfigKey key, Object... places) {
        return list(String.class, key, places);
    }

    <T> List<T> list(Class<T> type, ConfigKey key, Object... places) {
        return find(key, places).map(value -> (List<?>) value).stream()
                .flatMap(List::stream)
                .map(type::cast)
                .toList();
    }

    /** A key's path with names for its {@code <..>} and numbers for its {@code []}, in order. */
    private static String path(ConfigKey key, Object... places) {
        String path = key.path();
        for (Object place : places) {
            path = place instanceof Integer
                    ? path.replaceFirst("\\[]", "[" + place + "]")
                    : path.replaceFirst("<[a-z]+>", Matcher.quoteReplacement((String) place));
        }
        return path;
    }
}
