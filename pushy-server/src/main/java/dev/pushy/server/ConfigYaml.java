package dev.pushy.server;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Reads YAML 1.2 into {@link Raw} configuration. Only the tree is read: no tag makes an object, and a message never
 * quotes the text around a fault, since that may be a secret.
 */
final class ConfigYaml {
    private static final int DEEPEST = 20;

    private final List<Fault> faults;
    private final String source;
    private final boolean inFile;

    private ConfigYaml(String source, boolean inFile, List<Fault> faults) {
        this.source = source;
        this.inFile = inFile;
        this.faults = faults;
    }

    /** The mapping that a file holds; empty, with a fault added, where it cannot be read. */
    static Raw.Members file(Path file, List<Fault> faults) {
        return mapping(file, read(file, faults).orElse(""), faults);
    }

    /** The text of a file; none, with a fault added, where it cannot be read. */
    static Optional<String> read(Path file, List<Fault> faults) {
        String problem;
        try {
            return Optional.of(Files.readString(file));
        } catch (NoSuchFileException e) {
            problem = "there is no such file";
        } catch (MalformedInputException e) {
            problem = "is not UTF-8 text";
        } catch (IOException e) {
            problem = "cannot be read (" + e.getClass().getSimpleName() + ")";
        }
        faults.add(new Fault(new Origin(file.toString(), 0, 0), "", problem));
        return Optional.empty();
    }

    /** The mapping that the text of a file holds; empty, with a fault added, where it is none. */
    static Raw.Members mapping(Path file, String text, List<Fault> faults) {
        String name = file.toString();
        Raw.Members nothing = new Raw.Members(new LinkedHashMap<>(), new Origin(name, 1, 1));
        Optional<Raw> root = new ConfigYaml(name, true, faults).parse(text);
        if (root.isEmpty() || root.get() instanceof Raw.Nothing) {
            return nothing;
        }
        if (root.get() instanceof Raw.Members members) {
            return members;
        }
        faults.add(new Fault(
                root.get().origin(),
                "",
                "the file holds " + root.get().kind() + "; write keys and values, such as \"port: 4000\""));
        return nothing;
    }

    /** What a text in an environment variable or flag holds when it is read as YAML. */
    static Optional<Raw> text(String text, Origin origin, List<Fault> faults) {
        return new ConfigYaml(origin.toString(), false, faults).parse(text);
    }

    private Optional<Raw> parse(String text) {
        LoadSettings settings = LoadSettings.builder().setLabel(source).build();
        try {
            return new Compose(settings).composeReader(new StringReader(text)).map(node -> convert(node, 0));
        } catch (MarkedYamlEngineException e) {
            Origin origin = e.getProblemMark()
                    .map(mark -> at(mark.getLine(), mark.getColumn()))
                    .orElse(at(0, 0));
            faults.add(new Fault(origin, "", "is not YAML here: " + problem(e)));
        } catch (YamlEngineException e) {
            faults.add(new Fault(at(0, 0), "", "is not YAML; it may hold a character that YAML does not allow"));
        }
        return Optional.empty();
    }

    /** The parser's own words; those of them that quote the text are replaced, since it may be a secret. */
    private static String problem(MarkedYamlEngineException e) {
        String problem = e.getProblem();
        if (problem == null || problem.isEmpty()) {
            return "a character or an indentation that does not fit";
        }
        return problem.startsWith("found undefined alias")
                ? "a value that begins with * stands for an anchor; put a pattern in quotes"
                : problem;
    }

    private Raw convert(Node node, int depth) {
        Origin origin = origin(node);
        if (depth > DEEPEST) {
            faults.add(new Fault(origin, "", "is nested more than " + DEEPEST + " deep"));
            return new Raw.Nothing(origin);
        }
        if (node instanceof ScalarNode scalar) {
            return scalar.getTag().equals(Tag.NULL)
                    ? new Raw.Nothing(origin)
                    : new Raw.Scalar(scalar.getValue(), origin);
        }
        if (node instanceof SequenceNode sequence) {
            List<Raw> items = new ArrayList<>();
            for (Node item : sequence.getValue()) {
                items.add(convert(item, depth + 1));
            }
            return new Raw.Items(List.copyOf(items), origin);
        }
        LinkedHashMap<String, Raw.Member> members = new LinkedHashMap<>();
        for (NodeTuple tuple : ((MappingNode) node).getValue()) {
            Origin nameOrigin = origin(tuple.getKeyNode());
            if (!(tuple.getKeyNode() instanceof ScalarNode name)) {
                faults.add(new Fault(nameOrigin, "", "a key must be a single word"));
                continue;
            }
            Raw.Member earlier = members.get(name.getValue());
            if (earlier != null) {
                faults.add(new Fault(
                        nameOrigin,
                        name.getValue(),
                        "stands twice, first at " + earlier.nameOrigin() + "; keep one of them"));
                continue;
            }
            members.put(name.getValue(), new Raw.Member(nameOrigin, convert(tuple.getValueNode(), depth + 1)));
        }
        return new Raw.Members(members, origin);
    }

    private Origin origin(Node node) {
        return node.getStartMark()
                .map(mark -> at(mark.getLine(), mark.getColumn()))
                .orElse(at(0, 0));
    }

    private Origin at(int line, int column) {
        return inFile ? new Origin(source, line + 1, column + 1) : new Origin(source, 0, 0);
    }
}
