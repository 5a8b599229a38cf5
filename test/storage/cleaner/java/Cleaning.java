import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.util.Scheduler;
import org.apache.kafka.storage.internals.log.Cleaner;
import org.apache.kafka.storage.internals.log.CleanerStats;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.apache.kafka.storage.internals.log.LogToClean;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;
import org.apache.kafka.storage.internals.log.SkimpyOffsetMap;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.apache.kafka.storage.internals.utils.Throttler;
import org.apache.kafka.storage.log.metrics.BrokerTopicStats;

/**
 * The reference's cleaner on directories that others wrote. A question is a line: the directory, the first dirty and
 * the first uncleanable offset, the time, delete.retention.ms, segment.bytes, and the bytes of the map and of both
 * buffers; the answer is a line: the nanoseconds that the cleaning took, and the offset below which all is clean.
 */
public final class Cleaning {
    public static void main(String[] arguments) throws Exception {
        PrintStream answers = System.out;
        System.setOut(System.err);  // what the reference prints must not mix with answers
        BufferedReader questions = new BufferedReader(new InputStreamReader(System.in));
        for (String line = questions.readLine(); line != null; line = questions.readLine()) {
            answers.println(clean(line.split(" ")));
            answers.flush();
        }
    }

    private static String clean(String[] words) throws Exception {
        long dirty = Long.parseLong(words[1]);
        long uncleanable = Long.parseLong(words[2]);
        long now = Long.parseLong(words[3]);
        LogConfig config = new LogConfig(Map.of(
            "cleanup.policy", "compact",
            "delete.retention.ms", words[4],
            LogConfig.INTERNAL_SEGMENT_BYTES_CONFIG, words[5],
            "file.delete.delay.ms", "0"));
        int buffers = Integer.parseInt(words[7]);
        // The last segment alone is recovered: a recovery would make all indexes anew.
        long last = Arrays.stream(new File(words[0]).list()).filter(name -> name.endsWith(".log"))
            .mapToLong(name -> Long.parseLong(name.substring(0, 20))).max().orElseThrow();
        UnifiedLog log = UnifiedLog.create(new File(words[0]), config, 0, last, new Never(), new BrokerTopicStats(),
            Time.SYSTEM, 900_000, new ProducerStateManagerConfig(Integer.MAX_VALUE, false), 600_000,
            new LogDirFailureChannel(1), false, Optional.empty());
        log.updateHighWatermark(log.logEndOffset());
        Cleaner cleaner = new Cleaner(0, new SkimpyOffsetMap(Integer.parseInt(words[6])), buffers / 2, 1 << 20, 0.9,
            new Throttler(Double.MAX_VALUE, 300, "cleaner-io", "bytes", Time.SYSTEM), Time.SYSTEM, partition -> { });
        long begin = System.nanoTime();
        Map.Entry<Long, CleanerStats> done = cleaner.doClean(new LogToClean(log, dirty, uncleanable, false), now);
        long took = System.nanoTime() - begin;
        log.close();
        return took + " " + done.getKey();
    }

    /** Does nothing: old segments may lie there, and nothing expires. */
    private static final class Never implements Scheduler {
        private static final ScheduledFuture<?> NOTHING = (ScheduledFuture<?>) Proxy.newProxyInstance(
            Cleaning.class.getClassLoader(), new Class<?>[] {ScheduledFuture.class},
            (proxy, method, arguments) -> method.getReturnType() == boolean.class ? false : null);


        @Override public void startup() { }
        @Override public void shutdown() { }
        @Override public void resizeThreadPool(int size) { }
        @Override public ScheduledFuture<?> schedule(String name, Runnable task, long delay, long period) {
            return NOTHING;
        }
    }
}
