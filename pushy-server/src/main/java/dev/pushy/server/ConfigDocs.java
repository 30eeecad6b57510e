package dev.pushy.server;

import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** The table of all keys, as {@code docs/configuration.md} shows it: made from {@link ConfigKey}, so that it is right. */
final class ConfigDocs {
    private ConfigDocs() {}

    /** The table in Markdown. */
    static String table() {
        StringJoiner table = new StringJoiner("\n", "", "\n");
        table.add("| key | environment | value | default | meaning |");
        table.add("| --- | --- | --- | --- | --- |");
        for (ConfigKey key : ConfigKey.values()) {
            table.add("| `" + key.path() + "` | " + environment(key) + " | " + value(key) + " | "
                    + standard(key.defaultText()) + " | " + key.meaning() + " |");
        }
        return table.toString();
    }

    /** A key within a mapping with free names or a list is given with the whole of it. */
    private static String environment(ConfigKey key) {
        StringJoiner names = new StringJoiner(", ");
        int list = key.path().indexOf("[]");
        int pattern = key.path().indexOf(".<pattern>");
        if (list >= 0) {
            names.add("in `" + name(key.path().substring(0, list)) + "`");
        } else if (pattern >= 0) {
            names.add("in `" + name(key.path().substring(0, pattern)) + "`");
        } else {
            names.add("`" + name(key.path()) + "`");
        }
        key.aliases().forEach(alias -> names.add("`" + alias + "`"));
        return names.toString();
    }

    private static String name(String path) {
        return ConfigKey.environmentName(path).replace("APPS_APP_", "APPS_<APP>_");
    }

    private static String value(ConfigKey key) {
        String form = key.type().form();
        int examples = form.indexOf(", such as");
        return examples < 0 ? form : form.substring(0, examples);
    }

    private static String standard(@Nullable String text) {
        return text == null ? "" : "`" + text + "`";
    }
}
