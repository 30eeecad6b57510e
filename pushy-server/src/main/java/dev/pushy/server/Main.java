package dev.pushy.server;

/** The process: {@code java -jar pushy-server-all.jar start --dev}. */
public final class Main {
    private Main() {}

    /** Runs the command that the arguments name, {@code start} if they name none. */
    public static void main(String[] arguments) {
        int code = new PushyCommand(System.getenv()).run(arguments);
        if (code == PushyCommand.RUNNING) {
            Signals.awaitEnd();
        } else {
            Logs.flush();
            System.out.flush();
            System.err.flush();
            // Not exit: JDK 21 and later log that one, and would load the whole log for it.
            Runtime.getRuntime().halt(code);
        }
    }
}
