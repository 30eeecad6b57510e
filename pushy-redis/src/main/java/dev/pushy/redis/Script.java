package dev.pushy.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/** A Lua script of the class path, called by the hash of its text. Its keys and arguments stand at its top. */
final class Script {
    private final String name;
    private final byte[] text;
    private final byte[] sha;

    private Script(String name, byte[] text) {
        this.name = name;
        this.text = text;
        this.sha = hash(text).getBytes(StandardCharsets.US_ASCII);
    }

    /** The script in {@code NAME.lua} beside this class. */
    static Script of(String name) {
        return new Script(name, resource(name));
    }

    /** The same with another one before it, whose local functions it uses. */
    static Script of(String prelude, String name) {
        byte[] first = resource(prelude);
        byte[] then = resource(name);
        byte[] both = Arrays.copyOf(first, first.length + then.length);
        System.arraycopy(then, 0, both, first.length, then.length);
        return new Script(name, both);
    }

    private static byte[] resource(String name) {
        try (InputStream in = Script.class.getResourceAsStream(name + ".lua")) {
            if (in == null) {
                throw new IllegalStateException("the jar has no " + name + ".lua");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String hash(byte[] text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-1", e);
        }
    }

    byte[] text() {
        return text;
    }

    /** By which Redis knows it. */
    byte[] sha() {
        return sha;
    }

    @Override
    public String toString() {
        return name;
    }
}
