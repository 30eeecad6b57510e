package dev.pushy.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
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
        try (InputStream in = Script.class.getResourceAsStream(name + ".lua")) {
            if (in == null) {
                throw new IllegalStateException("the jar has no " + name + ".lua");
            }
            return new Script(name, in.readAllBytes());
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
