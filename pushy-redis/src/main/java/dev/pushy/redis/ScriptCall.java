package dev.pushy.redis;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** One call of a script: the words of EVALSHA. Not thread-safe; not changed any more once it was sent. */
final class ScriptCall {
    private static final int SHA = 0;
    private static final int COUNT = 1;

    private final Script script;
    private final List<byte[]> words = new ArrayList<>(24);
    private int keys;
    private int bytes;

    ScriptCall(Script script) {
        this.script = script;
        words.add(script.sha());
        words.add(script.sha()); // the place of the number of keys
    }

    /** Adds a key; all keys before all arguments. */
    ScriptCall key(byte[] name) {
        if (words.size() != keys + 2) {
            throw new IllegalStateException("a key behind an argument");
        }
        keys++;
        return add(name);
    }

    ScriptCall keys(List<byte[]> names) {
        names.forEach(this::key);
        return this;
    }

    ScriptCall arg(byte[] value) {
        return add(value);
    }

    ScriptCall arg(String value) {
        return add(value.getBytes(StandardCharsets.UTF_8));
    }

    ScriptCall arg(long value) {
        return add(Long.toString(value).getBytes(StandardCharsets.US_ASCII));
    }

    ScriptCall args(List<byte[]> values) {
        values.forEach(this::add);
        return this;
    }

    private ScriptCall add(byte[] word) {
        words.add(word);
        bytes += word.length;
        return this;
    }

    Script script() {
        return script;
    }

    /** How much this is to send, roughly. */
    int bytes() {
        return bytes;
    }

    /** What stands behind EVALSHA. */
    byte[][] words() {
        byte[][] all = words.toArray(byte[][]::new);
        all[SHA] = script.sha();
        all[COUNT] = Integer.toString(keys).getBytes(StandardCharsets.US_ASCII);
        return all;
    }
}
