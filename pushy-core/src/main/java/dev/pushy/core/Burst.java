package dev.pushy.core;

/**
 * Frames that go to many connections of one wire format together, oldest first, each with the publication that it carries.
 * At least one. Immutable: connections can tell by identity that they are given the same bytes.
 */
public final class Burst {
    private final byte[][] frames;
    private final Publication[] publications;
    private final int bytes;

    /** Takes over the arrays, which have the same length, at least 1. */
    public Burst(byte[][] frames, Publication[] publications) {
        this.frames = frames;
        this.publications = publications;
        int sum = 0;
        for (byte[] frame : frames) {
            sum += frame.length;
        }
        this.bytes = sum;
    }

    /** How many frames. */
    public int size() {
        return frames.length;
    }

    /** A complete frame, shared and never changed. */
    public byte[] frame(int index) {
        return frames[index];
    }

    /** What a frame carries. */
    public Publication publication(int index) {
        return publications[index];
    }

    /** The length of all frames together. */
    public int bytes() {
        return bytes;
    }
}
