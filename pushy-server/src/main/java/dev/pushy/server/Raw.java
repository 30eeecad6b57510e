package dev.pushy.server;

import java.util.LinkedHashMap;
import java.util.List;

/** Configuration as it was written, before it is known what it should be; every part remembers where it stands. */
sealed interface Raw {

    /** Where this part begins. */
    Origin origin();

    /** What this part is called in a message: a value, a list, a mapping, or nothing. */
    String kind();

    /** A single value, as text. */
    record Scalar(String text, Origin origin) implements Raw {
        @Override
        public String kind() {
            return "a single value";
        }
    }

    /** A key with nothing behind it. */
    record Nothing(Origin origin) implements Raw {
        @Override
        public String kind() {
            return "nothing";
        }
    }

    /** A list. */
    record Items(List<Raw> items, Origin origin) implements Raw {
        @Override
        public String kind() {
            return "a list";
        }
    }

    /** Names with what belongs to each; a mutable map, so that environment and flags can be laid over a file. */
    record Members(LinkedHashMap<String, Member> members, Origin origin) implements Raw {
        @Override
        public String kind() {
            return "a mapping";
        }

        /** The mapping under a name; a new one, in place of what else is there, where there is none. */
        Members mapping(String name, Origin origin) {
            Member member = members.get(name);
            if (member != null && member.value() instanceof Members there) {
                return there;
            }
            Members fresh = new Members(new LinkedHashMap<>(), origin);
            members.put(name, new Member(origin, fresh));
            return fresh;
        }
    }

    /** One name of a mapping. */
    record Member(Origin nameOrigin, Raw value) {}
}
