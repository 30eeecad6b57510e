package dev.pushy.core.contract;

import dev.pushy.core.Channel;
import dev.pushy.core.ChannelEvent;
import dev.pushy.core.Join;
import dev.pushy.core.Leave;
import dev.pushy.core.PresenceStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Writes down what the listener of one node hears. */
final class PresenceRecorder implements PresenceStore.Listener {
    private final List<ChannelEvent> events = new ArrayList<>();
    private final List<PresenceStore.Transition> transitions = new ArrayList<>();
    private final Map<Long, List<String>> heardAtMarker = new TreeMap<>();
    private int closings;

    @Override
    public synchronized void onPresence(ChannelEvent event) {
        events.add(event);
    }

    @Override
    public synchronized void onMarker(Channel channel, long marker) {
        heardAtMarker.put(marker, heard(channel));
    }

    @Override
    public synchronized CompletionStage<Void> onTransition(PresenceStore.Transition transition) {
        transitions.add(transition);
        return PresenceStore.Transition.DONE;
    }

    @Override
    public synchronized void onClosing() {
        closings++;
    }

    /** How often the store said that it ends. */
    synchronized int closings() {
        return closings;
    }

    /** Joins and leaves so far, such as {@code +ann} and {@code -ann}, of one channel. */
    synchronized List<String> heard(Channel channel) {
        List<String> heard = new ArrayList<>();
        for (ChannelEvent event : events) {
            if (event.channel().equals(channel)) {
                heard.add(word(event));
            }
        }
        return heard;
    }

    /** What had been heard of a channel when a marker came, or null before it has come. */
    synchronized @Nullable List<String> heardAt(long marker) {
        return heardAtMarker.get(marker);
    }

    /** Joins and leaves by channel and subject, such as {@code +-+}. */
    synchronized Map<String, String> histories() {
        Map<String, String> histories = new TreeMap<>();
        for (ChannelEvent event : events) {
            String word = word(event);
            histories.merge(event.channel() + "/" + word.substring(1), word.substring(0, 1), String::concat);
        }
        return histories;
    }

    synchronized List<ChannelEvent> events() {
        return new ArrayList<>(events);
    }

    synchronized List<PresenceStore.Transition> transitions() {
        return new ArrayList<>(transitions);
    }

    private static String word(ChannelEvent event) {
        if (event instanceof Join join) {
            return "+" + join.member().subject();
        }
        if (event instanceof Leave leave) {
            return "-" + leave.member().subject();
        }
        throw new AssertionError("a presence store told of " + event);
    }
}
