import com.sun.management.ThreadMXBean;
import com.sun.tools.attach.VirtualMachine;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/**
 * Prints what each thread of another JVM on this machine has allocated so far, whenever a line comes on standard
 * input: one line of bytes and name for each thread, then a line with a full stop. Threads that serve the question
 * itself are left out. Only live threads count, so this suits a server whose threads stay.
 */
final class Allocated {
    private Allocated() {}

    public static void main(String[] args) throws Exception {
        VirtualMachine machine = VirtualMachine.attach(args[0]);
        String address = machine.startLocalManagementAgent();
        machine.detach();
        try (var connector = JMXConnectorFactory.connect(new JMXServiceURL(address));
                var lines = new BufferedReader(new InputStreamReader(System.in))) {
            ThreadMXBean threads = ManagementFactory.newPlatformMXBeanProxy(
                    connector.getMBeanServerConnection(),
                    ManagementFactory.THREAD_MXBEAN_NAME,
                    ThreadMXBean.class);
            while (lines.readLine() != null) {
                print(threads);
            }
        }
    }

    private static void print(ThreadMXBean threads) {
        long[] ids = threads.getAllThreadIds();
        long[] bytes = threads.getThreadAllocatedBytes(ids);
        var infos = threads.getThreadInfo(ids);
        var answer = new StringBuilder();
        for (int i = 0; i < ids.length; i++) {
            if (infos[i] != null && bytes[i] >= 0 && !isOurs(infos[i].getThreadName())) {
                answer.append(bytes[i]).append(' ').append(infos[i].getThreadName()).append('\n');
            }
        }
        System.out.print(answer.append(".\n"));
        System.out.flush();
    }

    private static boolean isOurs(String thread) {
        return thread.startsWith("RMI ") || thread.startsWith("JMX ") || thread.equals("Attach Listener");
    }
}
