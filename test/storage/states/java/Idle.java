package states;

import java.util.concurrent.ScheduledFuture;
import org.apache.kafka.server.util.Scheduler;

/** A scheduler that does at once what is to be done once, and nothing else. */
final class Idle implements Scheduler {
    @Override
    public void startup() {
    }

    @Override
    public void shutdown() {
    }

    @Override
    public ScheduledFuture<?> schedule(String name, Runnable task, long delayMs, long periodMs) {
        if (periodMs < 0) {
            task.run();
        }
        return null;
    }

    @Override
    public void resizeThreadPool(int size) {
    }
}
