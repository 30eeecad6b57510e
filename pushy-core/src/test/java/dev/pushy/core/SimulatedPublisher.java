package dev.pushy.core;

/**
 * One who publishes in a {@link Simulation}: when the broker is back it first vouches for what it was answered last, as a
 * broker does that has lost its connection.
 */
final class SimulatedPublisher {
    private final Simulation world;
    private final Witness.Testimony[] last;
    private int connected;
    private boolean up = true;

    SimulatedPublisher(Simulation world) {
        this.world = world;
        this.last = new Witness.Testimony[world.setting.partitions()];
    }

    boolean isUp() {
        return up;
    }

    Receipt publish(Publication publication, PublishOptions options) {
        Receipt receipt = world.faults.cluster().publish(publication, options);
        int partition = receipt.position().partition();
        last[partition] = new Witness.Testimony(receipt.position(), world.faults.setbacks(partition));
        return receipt;
    }

    void down() {
        up = false;
        connected++;
    }

    void connectLater(boolean vouches) {
        int now = connected;
        world.time.after(world.time.lag(), () -> {
            if (now == connected) {
                for (Witness.Testimony answered : last) {
                    if (vouches && answered != null) {
                        world.faults.cluster().vouch(answered.position(), answered.setbacks());
                    }
                }
                up = true;
            }
        });
    }
}
