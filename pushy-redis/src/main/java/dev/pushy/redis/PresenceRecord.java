package dev.pushy.redis;

import dev.pushy.core.Member;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Reads what the scripts keep; the forms are described in {@code presence-update.lua}. */
record PresenceRecord(long place, Member member) {

    /** The members of a room, in the order in which they came. */
    static List<Member> members(List<?> answer) {
        List<PresenceRecord> records = new ArrayList<>(answer.size() / 2);
        for (int i = 0; i < answer.size(); i += 2) {
            records.add(of(text(answer.get(i)), text(answer.get(i + 1))));
        }
        records.sort(Comparator.comparingLong(PresenceRecord::place));
        return records.stream().map(PresenceRecord::member).toList();
    }

    private static PresenceRecord of(String subject, String record) {
        int space = record.indexOf(' ');
        int comma = record.indexOf(',');
        long place = Long.parseLong(record.substring(0, comma));
        return new PresenceRecord(
                place, new Member(subject, record.substring(space + 1), sum(record.substring(comma, space))));
    }

    /** The sum over all nodes of {@code ,node=count}. */
    static int sum(String nodes) {
        long sum = 0;
        for (int at = nodes.indexOf('='); at >= 0; at = nodes.indexOf('=', at + 1)) {
            int end = nodes.indexOf(',', at);
            sum += Long.parseLong(nodes.substring(at + 1, end < 0 ? nodes.length() : end));
        }
        return (int) Math.min(sum, Integer.MAX_VALUE);
    }

    /** A text of an answer. */
    static String text(Object part) {
        return new String((byte[]) part, StandardCharsets.UTF_8);
    }
}
