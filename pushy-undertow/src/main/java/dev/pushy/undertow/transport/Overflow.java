package dev.pushy.undertow.transport;

import dev.pushy.core.Channel;
import dev.pushy.core.ChannelPolicies;
import dev.pushy.core.Gap;
import dev.pushy.core.Publication;
import dev.pushy.core.SlowConsumer;
import dev.pushy.core.WireFormat;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Gives up publications of a connection that cannot follow, and leaves a gap in the place of the oldest lost one. Made
 * for a connection when its backlog is full for the first time. Confined to the loop.
 *
 * <p>A loss joins the last gap before it unless a message of the same channel stands between; then a gap of its own stands
 * in its place. So each gap is read before the first cursor that covers the loss, and no message follows its own gap that
 * the client should have had before it.
 */
final class Overflow {
    /** A gap would name so many channels that it would itself be a burden: the connection must end. */
    static final int TOO_MANY = -1;

    private static final int MAX_CHANNELS = 1_000;

    private final WireFormat format;
    private final ChannelPolicies policies;
    /** Gaps that may still be in the backlog. */
    private List<Mark> marks = new ArrayList<>();

    /** A gap in the backlog: its present frame and what it names. */
    private static final class Mark {
        private final Set<String> channels = new LinkedHashSet<>();
        private byte[] frame = {};
        private int index = -1;
    }

    Overflow(WireFormat format, ChannelPolicies policies) {
        this.format = format;
        this.policies = policies;
    }

    /**
     * Gives up publications whose channel's policy allows it until so many bytes are free, or none is left.
     *
     * @param from how many of the oldest frames must stay because they have begun
     * @param incoming what is to be appended next
     * @return how many publications were given up, or {@link #TOO_MANY}
     */
    int skip(Backlog backlog, int from, int bytes, @Nullable Publication incoming) {
        boolean[] lost = new boolean[backlog.size()];
        int freed = conflate(backlog, from, incoming, lost);
        for (int i = from; i < lost.length && freed < bytes; i++) {
            Publication publication = backlog.publication(i);
            if (!lost[i] && publication != null && policy(publication) != SlowConsumer.DISCONNECT) {
                lost[i] = true;
                freed += backlog.frame(i).length;
            }
        }
        return freed == 0 ? 0 : rebuild(backlog, from, lost);
    }

    /** Marks what a younger message of the same channel replaces. */
    private int conflate(Backlog backlog, int from, @Nullable Publication incoming, boolean[] lost) {
        int freed = 0;
        Set<Channel> younger = new HashSet<>();
        if (incoming != null) {
            younger.add(incoming.channel());
        }
        for (int i = lost.length - 1; i >= from; i--) {
            Publication publication = backlog.publication(i);
            if (publication != null
                    && !younger.add(publication.channel())
                    && policy(publication) == SlowConsumer.CONFLATE) {
                lost[i] = true;
                freed += backlog.frame(i).length;
            }
        }
        return freed;
    }

    private SlowConsumer policy(Publication publication) {
        return policies.of(publication.channel()).slowConsumer();
    }

    private int rebuild(Backlog backlog, int from, boolean[] lost) {
        List<Mark> kept = new ArrayList<>();
        Map<Channel, Integer> last = new HashMap<>();
        List<byte[]> frames = new ArrayList<>();
        List<@Nullable Publication> publications = new ArrayList<>();
        int dropped = 0;
        for (int i = 0; i < lost.length; i++) {
            Publication publication = backlog.publication(i);
            if (lost[i] && publication != null) {
                dropped++;
                Mark mark = kept.isEmpty() ? null : kept.get(kept.size() - 1);
                if (mark == null || mark.index <= last.getOrDefault(publication.channel(), -1)) {
                    mark = new Mark();
                    mark.index = frames.size();
                    kept.add(mark);
                    frames.add(mark.frame);
                    publications.add(null);
                }
                mark.channels.add(publication.channel().name());
                if (mark.channels.size() > MAX_CHANNELS) {
                    return TOO_MANY;
                }
                continue;
            }
            Mark mark = publication == null && i >= from ? known(backlog.frame(i)) : null;
            if (mark != null) {
                mark.index = frames.size();
                kept.add(mark);
            } else if (publication != null) {
                last.put(publication.channel(), frames.size());
            }
            frames.add(backlog.frame(i));
            publications.add(publication);
        }
        marks = kept;
        backlog.truncate(0);
        int next = 0;
        for (int i = 0; i < frames.size(); i++) {
            byte[] frame = frames.get(i);
            if (next < kept.size() && kept.get(next).index == i) {
                frame = gap(kept.get(next++));
            }
            if (frame.length > 0) {
                backlog.add(frame, publications.get(i));
            }
        }
        return dropped;
    }

    private @Nullable Mark known(byte[] frame) {
        for (Mark mark : marks) {
            if (mark.frame == frame) {
                return mark;
            }
        }
        return null;
    }

    private byte[] gap(Mark mark) {
        byte[] frame = format.gap(new Gap(List.copyOf(mark.channels), Gap.Reason.OVERFLOW));
        mark.frame = frame == null ? new byte[0] : frame;
        return mark.frame;
    }
}
