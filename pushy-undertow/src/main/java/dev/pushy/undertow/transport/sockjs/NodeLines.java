package dev.pushy.undertow.transport.sockjs;

import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import org.xnio.XnioIoThread;

/** The lines of one IO thread to other nodes. Confined to the thread. */
final class NodeLines {
    /** More nodes than this: those without connections are forgotten. */
    private static final int MANY = 64;

    private final XnioIoThread thread;
    private final Map<URI, NodeLine> lines = new HashMap<>();

    NodeLines(XnioIoThread thread) {
        this.thread = thread;
    }

    NodeLine to(URI node) {
        NodeLine known = lines.get(node);
        if (known != null) {
            return known;
        }
        if (lines.size() >= MANY) {
            lines.values().removeIf(NodeLine::isUnused);
        }
        NodeLine line = new NodeLine(thread, node);
        lines.put(node, line);
        return line;
    }
}
