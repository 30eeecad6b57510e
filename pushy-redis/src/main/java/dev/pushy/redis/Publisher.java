package dev.pushy.redis;

import dev.pushy.core.Channel;
import dev.pushy.core.Position;
import dev.pushy.core.Publication;
import dev.pushy.core.PublishException;
import dev.pushy.core.PublishOptions;
import dev.pushy.core.Receipt;
import dev.pushy.redis.BackplaneException.Kind;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Hands messages to the publish scripts. What was certainly not done because a master moves, and what was not answered but
 * has an idempotency key, is tried again for a while. Thread-safe.
 */
final class Publisher {
    private static final Script PUBLISH = Script.of("publish");
    private static final Script LIVE = Script.of("live");
    private static final long RETRY_MILLIS = 50;
    /** More in one message would hold up all others, and has no place in a queue. */
    static final int MAX_BYTES = 32 << 20;

    private final RedisBackplane backplane;
    private final Answers answers;

    Publisher(RedisBackplane backplane, Answers answers) {
        this.backplane = backplane;
        this.answers = answers;
    }

    CompletionStage<Receipt> publish(Publication publication, PublishOptions options) {
        int bytes = publication.data().length;
        if (bytes > MAX_BYTES) {
            String text =
                    "the data has " + bytes + " bytes, the limit is " + MAX_BYTES + ": send less, or a link to it";
            return CompletableFuture.failedFuture(new PublishException(PublishException.Outcome.INVALID, text));
        }
        int partition = backplane.partition(publication.channel());
        Attempt attempt = options.isLogged()
                ? new Logged(partition, publication, options)
                : new Live(partition, publication, options);
        attempt.send();
        return attempt.receipt;
    }

    private static int random31() {
        return ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE);
    }

    private static boolean hasSegment(Channel channel) {
        return !channel.isReserved() && channel.name().indexOf('.') >= 0;
    }

    /** One message on its way, with as many calls as it takes. */
    private abstract class Attempt {
        final int partition;
        final Publication publication;
        final PublishOptions options;
        final CompletableFuture<Receipt> receipt = new CompletableFuture<>();
        private final long deadline =
                System.nanoTime() + backplane.config().publishDeadline().toNanos();

        private boolean unanswered;
        /** Who was asked last. */
        @Nullable
        Master asked;

        Attempt(int partition, Publication publication, PublishOptions options) {
            this.partition = partition;
            this.publication = publication;
            this.options = options;
        }

        abstract ScriptCall call();

        abstract Receipt receipt(WireReader answer, boolean duplicate);

        /** Reads a place in the log, and remembers that a publisher was told of it. */
        final Position position(WireReader answer) {
            int epoch = (int) answer.number();
            long offset = answer.number();
            Position position = new Position(partition, epoch, offset, (int) answer.number());
            if (answer.isNumber()) {
                answers.answered(new Answers.Answer(asked, position, answer.number()));
            }
            return position;
        }

        void send() {
            asked = backplane.master(partition);
            backplane.eval(partition, call()).whenComplete((answer, failure) -> {
                try {
                    if (failure == null) {
                        WireReader in = new WireReader((byte[]) answer, 0);
                        receipt.complete(receipt(in, in.number() == 1));
                    } else {
                        failed(failure);
                    }
                } catch (RuntimeException unexpected) {
                    receipt.completeExceptionally(BackplaneException.publishFailure(unexpected));
                }
            });
        }

        private void failed(Throwable failure) {
            Kind kind =
                    BackplaneException.unwrap(failure) instanceof BackplaneException known ? known.kind() : Kind.FAULT;
            unanswered |= kind == Kind.UNANSWERED;
            boolean safe = kind == Kind.MOVED || (unanswered && options.key() != null);
            long left = deadline - System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(RETRY_MILLIS);
            if (safe && left > 0 && backplane.after(RETRY_MILLIS, this::send)) {
                return;
            }
            // Where one attempt was not answered, what refuses the next does not tell what became of the message.
            Throwable told = unanswered && kind != Kind.UNANSWERED
                    ? new BackplaneException(Kind.UNANSWERED, "Redis did not answer, and then: " + failure.getMessage())
                    : failure;
            receipt.completeExceptionally(BackplaneException.publishFailure(told));
        }

        /** Keys that stand behind the topics, as far as they are asked for. */
        void addOptional(ScriptCall call) {
            Channel channel = publication.channel();
            if (options.key() != null) {
                String text = "key:" + channel.app() + ':' + channel.name() + ':' + options.key();
                call.key(backplane.keys().key(partition, text));
            }
            if (!options.retain().isZero()) {
                call.key(backplane.keys().key(partition, "retained", channel));
            }
        }

        long keyLife() {
            return options.key() == null ? 0 : PublishOptions.KEY_LIFE.toMillis();
        }
    }

    private final class Logged extends Attempt {
        private final int tag = random31();
        private final byte[] body;

        Logged(int partition, Publication publication, PublishOptions options) {
            super(partition, publication, options);
            this.body = Wire.body(publication);
        }

        @Override
        ScriptCall call() {
            Keys keys = backplane.keys();
            Channel channel = publication.channel();
            List<byte[]> topics = keys.topics(channel);
            boolean segment = hasSegment(channel);
            ScriptCall call = new ScriptCall(PUBLISH)
                    .key(keys.key(partition, "log"))
                    .key(keys.key(partition, "index"))
                    .key(keys.key(partition, "marks"))
                    .key(keys.key(partition, "stream", channel))
                    .key(keys.key(partition, "last", channel))
                    .keys(topics);
            if (segment) {
                call.key(keys.index(partition, channel));
            }
            addOptional(call);
            RedisConfig config = backplane.config();
            return call.arg(backplane.publishCommand())
                    .arg(random31())
                    .arg(tag)
                    .arg(body)
                    .arg(backplane.shiftMillis())
                    .arg(options.historySize())
                    .arg(Math.max(1, options.historyAge().toMillis()))
                    .arg(options.ttl().toMillis())
                    .arg(config.indexEntries())
                    .arg(config.indexAge().toMillis())
                    .arg(channel.app() + ':' + channel.name())
                    .arg(topics.size())
                    .arg(segment ? 1 : 0)
                    .arg(keyLife())
                    .arg(options.retain().toMillis());
        }

        @Override
        Receipt receipt(WireReader answer, boolean duplicate) {
            if (duplicate && !answer.isNumber()) {
                return new Receipt(answer.word(), Position.NONE, true);
            }
            Position position = position(answer);
            // The first with this key may have been an attempt of our own that was not answered.
            return new Receipt(position.id(backplane.partitions()), position, duplicate && position.tag() != tag);
        }
    }

    private final class Live extends Attempt {
        private final String id;
        private final byte[] body;

        Live(int partition, Publication publication, PublishOptions options) {
            super(partition, publication, options);
            this.id = publication.acceptedLive(0).id();
            this.body = Wire.body(publication);
        }

        @Override
        ScriptCall call() {
            List<byte[]> topics = backplane.keys().topics(publication.channel());
            ScriptCall call = new ScriptCall(LIVE).keys(topics);
            addOptional(call);
            return call.arg(backplane.publishCommand())
                    .arg(id)
                    .arg(body)
                    .arg(backplane.shiftMillis())
                    .arg(topics.size())
                    .arg(keyLife())
                    .arg(options.retain().toMillis());
        }

        @Override
        Receipt receipt(WireReader answer, boolean duplicate) {
            if (duplicate && answer.isNumber()) {
                Position first = position(answer);
                return new Receipt(first.id(backplane.partitions()), first, true);
            }
            String itsId = answer.word();
            return new Receipt(itsId, Position.NONE, duplicate && !itsId.equals(id));
        }
    }
}
