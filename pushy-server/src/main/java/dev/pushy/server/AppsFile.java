package dev.pushy.server;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A file with more apps: what stands under {@code apps} of the configuration, at its top level. Each app stands in one
 * of the files, whole.
 */
record AppsFile(Path path) {
    private static final String APPS = "apps";

    /** Adds the apps to what the main file holds; what is wrong becomes a fault. */
    void addTo(Raw.Members root, List<Fault> faults) {
        Raw.Members apps = ConfigYaml.file(path, faults);
        if (apps.members().isEmpty()) {
            return;
        }
        Raw.Members known = root.mapping(APPS, apps.origin());
        for (Map.Entry<String, Raw.Member> app : apps.members().entrySet()) {
            Raw.Member other = known.members().putIfAbsent(app.getKey(), app.getValue());
            if (other != null) {
                faults.add(new Fault(
                        app.getValue().nameOrigin(),
                        APPS + "." + app.getKey(),
                        "stands twice, first at " + other.nameOrigin() + "; keep one of them"));
            }
        }
    }
}
