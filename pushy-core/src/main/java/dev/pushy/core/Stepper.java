package dev.pushy.core;

/** Takes steps one at a time: a step that is asked for from within a step is taken behind it. Not thread-safe. */
final class Stepper {
    private boolean stepping;
    private boolean again;

    void step(Runnable body) {
        if (stepping) {
            again = true;
            return;
        }
        stepping = true;
        try {
            do {
                again = false;
                body.run();
            } while (again);
        } finally {
            stepping = false;
        }
    }
}
