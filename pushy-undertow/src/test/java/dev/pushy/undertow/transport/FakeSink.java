package dev.pushy.undertow.transport;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.IntUnaryOperator;
import org.xnio.XnioIoThread;
import org.xnio.channels.NullStreamSinkChannel;
import org.xnio.conduits.AbstractStreamSinkConduit;
import org.xnio.conduits.StreamSinkChannelWrappingConduit;
import org.xnio.conduits.StreamSinkConduit;

/** A socket that takes as many bytes as the test says, which no real one does on demand. */
final class FakeSink extends AbstractStreamSinkConduit<StreamSinkConduit> {
    final ByteArrayOutputStream taken = new ByteArrayOutputStream();
    /** How many of so many offered bytes are taken. */
    IntUnaryOperator takes = offered -> offered;

    boolean flushed = true;
    boolean resumed;
    boolean ended;
    boolean broken;
    int writes;

    FakeSink(XnioIoThread thread) {
        super(new StreamSinkChannelWrappingConduit(new NullStreamSinkChannel(thread)));
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
        if (!from.isDirect()) {
            throw new IOException("a heap buffer would be copied once more");
        }
        if (broken) {
            throw new IOException("a fault of the test");
        }
        writes++;
        byte[] bytes = new byte[takes.applyAsInt(from.remaining())];
        from.get(bytes);
        taken.writeBytes(bytes);
        return bytes.length;
    }

    @Override
    public boolean flush() {
        return flushed;
    }

    @Override
    public void resumeWrites() {
        resumed = true;
    }

    @Override
    public void suspendWrites() {
        resumed = false;
    }

    @Override
    public void terminateWrites() {
        ended = true;
    }
}
