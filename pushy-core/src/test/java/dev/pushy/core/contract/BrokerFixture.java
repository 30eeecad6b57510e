package dev.pushy.core.contract;

import dev.pushy.core.Broker;
import dev.pushy.core.Channel;
import dev.pushy.core.PublishException;
import java.time.Duration;
import org.junit.jupiter.api.Assumptions;

/**
 * One deployment of a broker for one test: the backplane, the nodes at it, and the faults that it can play.
 *
 * <p>Every fault is optional: one that is not overridden has the tests that need it reported as aborted, with its name.
 */
public abstract class BrokerFixture implements AutoCloseable {

    /** A new node, not started yet. The test closes it. */
    public abstract Broker createNode();

    /** Lets time pass for idempotency keys, ages of messages, and revocations. */
    public void advance(Duration time) {
        missing("let time pass");
    }

    /** Breaks the link of a node until {@link #healLink}; what is under way on it is lost. */
    public void cutLink(Broker node) {
        missing("cut a link");
    }

    /** Lets a node whose link was cut come back. */
    public void healLink(Broker node) {
        missing("cut a link");
    }

    /** The next message that goes to this node is lost, and nobody is told. */
    public void dropDelivery(Broker node) {
        missing("lose a single message on a link");
    }

    /** Nothing is accepted or answered until {@link #resume}, and then everything is as it was. */
    public void pause() {
        missing("pause");
    }

    /** See {@link #pause}. */
    public void resume() {
        missing("pause");
    }

    /** The backplane restarts and has forgotten everything. */
    public void restartEmpty() {
        missing("restart empty");
    }

    /** The backplane remembers its state, to go back to it. */
    public void snapshot() {
        missing("take a snapshot");
    }

    /** The backplane restarts with what it had at the last {@link #snapshot}. */
    public void restartFromSnapshot() {
        missing("restart from a snapshot");
    }

    /** A failover to a replica that lacks the last messages of every partition. */
    public void loseTail(int messages) {
        missing("lose the end of the log");
    }

    /** The backplane hands over to another server as planned, without a loss. */
    public void handOver() {
        missing("hand over");
    }

    /** The backplane dies, and fails over to a replica that has all that was accepted. */
    public void failOver() {
        missing("fail over");
    }

    /** The next publish ends like this; after {@code UNKNOWN} the message was accepted all the same. */
    public void failNext(PublishException.Outcome outcome) {
        missing("refuse a message");
    }

    /** The retained messages of a channel are gone; their places are still known. */
    public void trim(Channel channel) {
        missing("trim a channel");
    }

    /** All places but the last so many of each partition are forgotten. */
    public void trimIndex(int entries) {
        missing("trim the index");
    }

    /** Whether a publish that the backplane did not answer may have been accepted. */
    public boolean mayBeUnknown() {
        return true;
    }

    /** Ends the backplane. */
    @Override
    public void close() {}

    private static void missing(String what) {
        Assumptions.abort("this broker's fixture cannot " + what);
    }
}
