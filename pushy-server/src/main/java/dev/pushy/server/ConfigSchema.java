package dev.pushy.server;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The shape of the configuration, grown from the paths of {@link ConfigKey}: what may stand where. */
final class ConfigSchema {
    /** The whole configuration. */
    static final ConfigSchema ROOT = grow();

    private final Map<String, ConfigSchema> members = new LinkedHashMap<>();
    private @Nullable ConfigSchema any;
    private @Nullable ConfigSchema items;
    private @Nullable ConfigKey key;

    private ConfigSchema() {}

    private static ConfigSchema grow() {
        ConfigSchema root = new ConfigSchema();
        for (ConfigKey key : ConfigKey.values()) {
            ConfigSchema here = root;
            for (String segment : key.path().split("\\.", -1)) {
                here = here.child(segment);
            }
            here.key = key;
        }
        return root;
    }

    private ConfigSchema child(String segment) {
        if (segment.endsWith("[]")) {
            ConfigSchema list = child(segment.substring(0, segment.length() - 2));
            list.items = list.items == null ? new ConfigSchema() : list.items;
            return list.items;
        }
        if (segment.startsWith("<")) {
            any = any == null ? new ConfigSchema() : any;
            return any;
        }
        return members.computeIfAbsent(segment, name -> new ConfigSchema());
    }

    /** The key that stands here, if this is a value and not a mapping or a list of mappings. */
    Optional<ConfigKey> key() {
        return Optional.ofNullable(key);
    }

    /** What the items of the list here are, if this is a list of mappings. */
    Optional<ConfigSchema> items() {
        return Optional.ofNullable(items);
    }

    /** Whether the operator chooses the names that stand here. */
    boolean namesAreFree() {
        return any != null;
    }

    /** What may stand under a name. */
    Optional<ConfigSchema> member(String name) {
        return Optional.ofNullable(any != null ? any : members.get(name));
    }

    /** The names that may stand here; none where the operator chooses them. */
    Set<String> names() {
        return members.keySet();
    }

    /**
     * The parts of a dotted path, if there is something there. A free name takes as much of it as it can, since channel
     * patterns have dots of their own.
     */
    Optional<Place> find(String path) {
        return find(path, List.of());
    }

    private Optional<Place> find(String path, List<String> before) {
        if (any == null) {
            int dot = path.indexOf('.');
            String name = dot < 0 ? path : path.substring(0, dot);
            ConfigSchema next = members.get(name);
            return next == null ? Optional.empty() : next.step(path, name, before);
        }
        int dot = path.lastIndexOf('.');
        Optional<Place> found = dot < 0 ? any.step(path, path, before) : Optional.empty();
        for (; found.isEmpty() && dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
            found = any.step(path, path.substring(0, dot), before);
        }
        return found;
    }

    /** Goes on from here, where the name at the path's begin has led. */
    private Optional<Place> step(String path, String name, List<String> before) {
        List<String> names = new ArrayList<>(before);
        names.add(name);
        return name.length() == path.length()
                ? Optional.of(new Place(this, names))
                : find(path.substring(name.length() + 1), names);
    }

    /** A place in the configuration, with the names that lead there from the root. */
    record Place(ConfigSchema schema, List<String> names) {
        String path() {
            return String.join(".", names);
        }
    }
}
