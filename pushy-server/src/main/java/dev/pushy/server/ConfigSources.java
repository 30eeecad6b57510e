package dev.pushy.server;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Lays the sources of configuration over one another: a flag wins over the environment, and that over the file. */
final class ConfigSources {
    /** The environment name that says where the file is. */
    static final String FILE = "PUSHY_CONFIG";

    /** What Kubernetes puts into the environment of every pod for a service whose name begins with "pushy". */
    private static final Pattern SERVICE_LINK = Pattern.compile(
            "PUSHY_(.*_)?(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)");

    private static final Pattern LINKED_PORT = Pattern.compile("(tcp|udp|sctp)://.*");

    private final Raw.Members root;
    private final List<Fault> faults;
    private final List<Overlay> overlays = new ArrayList<>();

    private ConfigSources(Raw.Members root, List<Fault> faults) {
        this.root = root;
        this.faults = faults;
    }

    /** The configuration as written, all sources in one; takes what is wrong as faults. */
    static Raw.Members merge(ConfigInput input, List<Fault> faults) {
        ConfigSources sources = new ConfigSources(input.file(faults), faults);
        input.appsFile(sources.root).ifPresent(file -> new AppsFile(file).addTo(sources.root, faults));
        sources.readEnvironment(input.environment());
        sources.layOver();
        sources.overlays.clear();
        sources.readFlags(input.flags());
        sources.layOver();
        return sources.root;
    }

    private void readEnvironment(Map<String, String> environment) {
        Map<String, String> sorted = new TreeMap<>(environment);
        sorted.values().removeIf(String::isEmpty);
        for (ConfigKey key : ConfigKey.values()) {
            for (String alias : key.aliases()) {
                String value = sorted.get(alias);
                if (value != null && !sorted.containsKey(ConfigKey.environmentName(key.path()))) {
                    add(ConfigSchema.ROOT.find(key.path()).orElseThrow(), value, Origin.environment(alias));
                }
            }
        }
        sorted.forEach((name, value) -> {
            if (name.startsWith("PUSHY_") && !name.equals(FILE) && !isServiceLink(name, value)) {
                Optional<ConfigSchema.Place> place = ofEnvironmentName(name);
                if (place.isPresent()) {
                    add(place.get(), value, Origin.environment(name));
                } else {
                    faults.add(new Fault(Origin.environment(name), "", "is not known; " + suggest(name)));
                }
            }
        });
    }

    private static boolean isServiceLink(String name, String value) {
        return SERVICE_LINK.matcher(name).matches()
                || (name.endsWith("_PORT") && LINKED_PORT.matcher(value).matches());
    }

    private static String suggest(String name) {
        List<String> names = new ArrayList<>();
        for (ConfigKey key : ConfigKey.values()) {
            if (!key.path().contains("<")) {
                names.add(ConfigKey.environmentName(key.path()));
            }
        }
        return Suggestion.nearest(name, names)
                .map(near -> "did you mean " + near + "?")
                .orElse("names that begin with PUSHY_ are ours; docs/configuration.md lists them");
    }

    /** The place that an environment name stands for: a key, a list, or a mapping with free names. */
    private static Optional<ConfigSchema.Place> ofEnvironmentName(String name) {
        for (ConfigKey key : ConfigKey.values()) {
            String path = key.path().replaceAll("\\[].*", "");
            int free = path.indexOf(".<");
            if (free < 0) {
                if (ConfigKey.environmentName(path).equals(name)) {
                    return ConfigSchema.ROOT.find(path);
                }
                continue;
            }
            String head = path.substring(0, free);
            if (ConfigKey.environmentName(head).equals(name)) {
                return ConfigSchema.ROOT.find(head);
            }
            String before = ConfigKey.environmentName(head) + "_";
            String after = ConfigKey.environmentName(path.substring(path.indexOf('>') + 1))
                    .substring("PUSHY_".length());
            if (head.equals("apps")
                    && name.startsWith(before)
                    && name.endsWith(after)
                    && name.length() > before.length() + after.length()) {
                String app = name.substring(before.length(), name.length() - after.length())
                        .toLowerCase(Locale.ROOT)
                        .replace('_', '-');
                return ConfigSchema.ROOT.find(head + "." + app + path.substring(path.indexOf('>') + 1));
            }
        }
        return Optional.empty();
    }

    private void readFlags(Map<String, String> flags) {
        flags.forEach((path, value) -> {
            boolean own = path.equals("dev") || path.equals("bind") || path.equals("port");
            Origin origin = Origin.flag(own ? "--" + path : "--set " + path);
            Optional<ConfigSchema.Place> place = ConfigSchema.ROOT.find(path);
            if (place.isPresent()) {
                add(place.get(), value, origin);
            } else {
                List<String> paths = new ArrayList<>();
                for (ConfigKey key : ConfigKey.values()) {
                    paths.add(key.path());
                }
                faults.add(new Fault(
                        origin,
                        "",
                        "no such key; "
                                + Suggestion.nearest(path, paths)
                                        .map(near -> "did you mean \"" + near + "\"?")
                                        .orElse("docs/configuration.md lists them")));
            }
        });
    }

    private void add(ConfigSchema.Place place, String text, Origin origin) {
        read(place.schema(), text, origin).ifPresent(raw -> overlays.add(new Overlay(place, raw, origin)));
    }

    /** What a text stands for: itself where one value is wanted, a list or YAML where more is. */
    private Optional<Raw> read(ConfigSchema schema, String text, Origin origin) {
        Optional<ConfigType> type = schema.key().map(ConfigKey::type);
        if (type.isPresent() && !type.get().list()) {
            return Optional.of(new Raw.Scalar(text, origin));
        }
        if (type.isEmpty() || text.stripLeading().startsWith("[")) {
            return ConfigYaml.text(text, origin, faults);
        }
        if (type.get().secret()) {
            return Optional.of(new Raw.Scalar(text, origin));
        }
        List<Raw> items = new ArrayList<>();
        for (String item : text.split(",", -1)) {
            items.add(new Raw.Scalar(item.strip(), origin));
        }
        return Optional.of(new Raw.Items(items, origin));
    }

    /** Whole mappings first, so that a single key of one wins over it. */
    private void layOver() {
        overlays.sort(Comparator.comparingInt(overlay -> overlay.place().names().size()));
        for (Overlay overlay : overlays) {
            List<String> names = overlay.place().names();
            Raw.Members here = root;
            for (String name : names.subList(0, names.size() - 1)) {
                here = here.mapping(name, overlay.origin());
            }
            here.members().put(names.get(names.size() - 1), new Raw.Member(overlay.origin(), overlay.raw()));
        }
    }

    private record Overlay(ConfigSchema.Place place, Raw raw, Origin origin) {}
}
