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
     * The parts of a dotted path, if there is something there. A free name takes all up to the last dot, since channel
     * patterns have dots of their own.
     */
    Optional<Place> find(String path) {
        return find(path, new Place(this, new ArrayList<>()));
    }

    private Optional<Place> find(String rest, Place place) {
        if (any != null) {
            int dot = rest.lastIndexOf('.');
            if (dot < 0) {
                place.names().add(rest);
                return Optional.of(new Place(any, place.names()));
            }
            place.names().add(rest.substring(0, dot));
            return any.find(rest.substring(dot + 1), new Place(any, place.names()));
        }
        int dot = rest.indexOf('.');
        String name = dot < 0 ? rest : rest.substring(0, dot);
        ConfigSchema next = members.get(name);
        if (next == null) {
            return Optional.empty();
        }
        place.names().add(name);
        Place found = new Place(next, place.names());
        return dot < 0 ? Optional.of(found) : next.find(rest.substring(dot + 1), found);
    }

    /** A place in the configuration, with the names that lead there from the root. */
    record Place(ConfigSchema schema, List<String> names) {
        String path() {
            return String.join(".", names);
        }
    }
}
