package dev.pushy.server.cluster;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Who is there, as one connection has been told. Where nobody names those who are there to begin with, it is known of each
 * only once he comes or goes, or when the truth is compared with it.
 */
final class View {
    private final List<Heard> log;
    private final Map<String, Boolean> known = new TreeMap<>();
    /** Whether everybody who is not known is not there. */
    private boolean exact;

    View(List<Heard> log) {
        this.log = log;
    }

    /** Nothing is known any more. */
    void reset() {
        known.clear();
        exact = false;
    }

    /** These are there, and nobody else. */
    void begin(Set<String> members) {
        reset();
        members.forEach(member -> known.put(member, true));
        exact = true;
    }

    /**
     * What it was told agrees with the truth: these have been there, and those gone, for so long that nobody has still to be
     * told. Of others it may be that they left a moment ago, and come back before that is told; or that they came back, and a
     * node whose link broke meanwhile is about to tell it.
     */
    void learn(Set<String> there, Set<String> gone) {
        there.forEach(member -> known.putIfAbsent(member, true));
        gone.forEach(member -> known.putIfAbsent(member, false));
    }

    void comes(String member) {
        change(member, true, "JOINED");
    }

    void goes(String member) {
        change(member, false, "LEFT");
    }

    private void change(String member, boolean there, String word) {
        log.add(new Heard.Changed(member, there));
        Boolean before = known.put(member, there);
        boolean was = before == null ? exact ? false : !there : before;
        if (was == there) {
            log.add(new Heard.Fault(word + " TWICE " + member));
        }
    }

    /** Whether that is what it was told. */
    boolean agrees(Set<String> members) {
        return known.entrySet().stream().allMatch(each -> each.getValue() == members.contains(each.getKey()))
                && (!exact || known.keySet().containsAll(members));
    }

    @Override
    public String toString() {
        Set<String> there = new TreeSet<>();
        Set<String> gone = new TreeSet<>();
        known.forEach((member, is) -> (is ? there : gone).add(member));
        return "sees " + there + (exact ? " and nobody else" : ", not " + gone);
    }
}
