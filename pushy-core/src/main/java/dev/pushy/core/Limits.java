package dev.pushy.core;

import java.time.Duration;

/**
 * The bounds of a node. All bytes are of UTF-8.
 *
 * @param channelLength the most characters of a channel name
 * @param eventLength the most characters of an event name
 * @param jsonDepth the deepest nesting of a message's data
 * @param subscriptions the most subscriptions of one connection
 * @param patterns the most of them that may be wildcards
 * @param backlogBytes the most unsent bytes of one connection
 * @param clientMessageBytes the most bytes of one WebSocket message from a client
 * @param historyMessages the most messages in one answer of the history
 * @param batch the most messages of one batch publish
 * @param replayPerChannel the most missed messages of one channel that a resume gets
 * @param replayTotal the most missed messages that a resume gets in all
 * @param mailbox the most events that wait for one loop
 * @param interestLinger how long the node stays interested in a channel that its last subscriber left
 * @param presenceGrace how long a member may be away before those who wait are told of a leave
 * @param flushGap the least time between two flushes of a loop; more groups more messages into one write. Behind several
 *     messages that came together the next ones wait for as long as these took to write, up to four times this gap
 */
public record Limits(
        int channelLength,
        int eventLength,
        int jsonDepth,
        int subscriptions,
        int patterns,
        int backlogBytes,
        int clientMessageBytes,
        int historyMessages,
        int batch,
        int replayPerChannel,
        int replayTotal,
        int mailbox,
        Duration interestLinger,
        Duration presenceGrace,
        Duration flushGap) {

    /** What holds unless something else is asked for. */
    public static final Limits DEFAULT = new Builder().build();

    /** Checks the values. */
    public Limits {
        requireRange("channelLength", channelLength, 1, Channel.MAX_LENGTH);
        requireRange("eventLength", eventLength, 1, 1_000);
        requireRange("jsonDepth", jsonDepth, 1, 1_000);
        requireRange("subscriptions", subscriptions, 1, 1_000_000);
        requireRange("patterns", patterns, 0, 1_000_000);
        requireRange("backlogBytes", backlogBytes, 1_024, 1 << 30);
        requireRange("clientMessageBytes", clientMessageBytes, 125, 1 << 30);
        requireRange("historyMessages", historyMessages, 1, 100_000);
        requireRange("batch", batch, 1, 10_000);
        requireRange("replayPerChannel", replayPerChannel, 1, 1_000_000);
        requireRange("replayTotal", replayTotal, 1, 10_000_000);
        requireRange("mailbox", mailbox, 16, 1 << 24);
        requireRange("flushGap in ms", flushGap.toMillis(), 0, 1_000);
        requireRange("interestLinger in ms", interestLinger.toMillis(), 0, 600_000);
        requireRange("presenceGrace in ms", presenceGrace.toMillis(), 0, 600_000);
    }

    private static void requireRange(String what, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(what + " is " + value + ", it must be " + least + " to " + most);
        }
    }

    /** A builder that begins with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects limits; what is not set keeps its default. */
    public static final class Builder {
        private int channelLength = 200;
        private int eventLength = 200;
        private int jsonDepth = 64;
        private int subscriptions = 500;
        private int patterns = 100;
        private int backlogBytes = 512 * 1024;
        private int clientMessageBytes = 64 * 1024;
        private int historyMessages = 1_000;
        private int batch = 100;
        private int replayPerChannel = 1_000;
        private int replayTotal = 10_000;
        private int mailbox = 65_536;
        private Duration interestLinger = Duration.ofSeconds(3);
        private Duration presenceGrace = Duration.ofSeconds(3);
        private Duration flushGap = Duration.ZERO;

        private Builder() {}

        /** Sets {@link Limits#channelLength}. */
        public Builder channelLength(int characters) {
            this.channelLength = characters;
            return this;
        }

        /** Sets {@link Limits#eventLength}. */
        public Builder eventLength(int characters) {
            this.eventLength = characters;
            return this;
        }

        /** Sets {@link Limits#jsonDepth}. */
        public Builder jsonDepth(int levels) {
            this.jsonDepth = levels;
            return this;
        }

        /** Sets {@link Limits#subscriptions}. */
        public Builder subscriptions(int count) {
            this.subscriptions = count;
            return this;
        }

        /** Sets {@link Limits#patterns}. */
        public Builder patterns(int count) {
            this.patterns = count;
            return this;
        }

        /** Sets {@link Limits#backlogBytes}. */
        public Builder backlogBytes(int bytes) {
            this.backlogBytes = bytes;
            return this;
        }

        /** Sets {@link Limits#clientMessageBytes}. */
        public Builder clientMessageBytes(int bytes) {
            this.clientMessageBytes = bytes;
            return this;
        }

        /** Sets {@link Limits#historyMessages}. */
        public Builder historyMessages(int count) {
            this.historyMessages = count;
            return this;
        }

        /** Sets {@link Limits#batch}. */
        public Builder batch(int count) {
            this.batch = count;
            return this;
        }

        /** Sets {@link Limits#replayPerChannel}. */
        public Builder replayPerChannel(int count) {
            this.replayPerChannel = count;
            return this;
        }

        /** Sets {@link Limits#replayTotal}. */
        public Builder replayTotal(int count) {
            this.replayTotal = count;
            return this;
        }

        /** Sets {@link Limits#mailbox}. */
        public Builder mailbox(int events) {
            this.mailbox = events;
            return this;
        }

        /** Sets {@link Limits#interestLinger}. */
        public Builder interestLinger(Duration time) {
            this.interestLinger = time;
            return this;
        }

        /** Sets {@link Limits#presenceGrace}. */
        public Builder presenceGrace(Duration time) {
            this.presenceGrace = time;
            return this;
        }

        /** Sets {@link Limits#flushGap}. */
        public Builder flushGap(Duration time) {
            this.flushGap = time;
            return this;
        }

        /**
         * The limits.
         *
         * @throws IllegalArgumentException naming the value that is out of its range
         */
        public Limits build() {
            return new Limits(
                    channelLength,
                    eventLength,
                    jsonDepth,
                    subscriptions,
                    patterns,
                    backlogBytes,
                    clientMessageBytes,
                    historyMessages,
                    batch,
                    replayPerChannel,
                    replayTotal,
                    mailbox,
                    interestLinger,
                    presenceGrace,
                    flushGap);
        }
    }
}
