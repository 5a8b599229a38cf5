package states;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.TransactionCoordinatorFencedException;
import org.apache.kafka.common.message.AbortedTxn;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.common.RequestLocal;
import org.apache.kafka.storage.internals.log.AppendOrigin;
import org.apache.kafka.storage.internals.log.BatchMetadata;
import org.apache.kafka.storage.internals.log.LogAppendInfo;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.apache.kafka.storage.internals.log.LogStartOffsetIncrementReason;
import org.apache.kafka.storage.internals.log.ProducerStateEntry;
import org.apache.kafka.storage.internals.log.ProducerStateManager;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.apache.kafka.storage.internals.log.VerificationGuard;
import org.apache.kafka.storage.internals.log.VerificationStateEntry;
import org.apache.kafka.storage.log.metrics.BrokerTopicStats;

/** Appends go through a log of the reference; what is asked of producers alone goes to its states. */
final class ProducerSteps implements States.Steps {
    private static final int PRODUCERS = 10;

    /** Stands until it is set. */
    private static final class Clock implements Time {
        private long now = 1_000_000;

        @Override
        public long milliseconds() {
            return now;
        }

        @Override
        public long nanoseconds() {
            return now * 1_000_000;
        }

        @Override
        public void sleep(long ms) {
            now += ms;
        }
    }

    private final Clock clock = new Clock();
    private final Path folder;
    private final UnifiedLog log;
    private final ProducerStateManager states;
    private final Map<Long, VerificationGuard> guards = new HashMap<>();

    ProducerSteps(Path folder) throws IOException {
        this.folder = folder;
        Properties properties = new Properties();
        properties.put("segment.ms", Long.toString(Long.MAX_VALUE));
        properties.put("message.timestamp.after.max.ms", Long.toString(Long.MAX_VALUE));
        log = UnifiedLog.create(folder.toFile(), new LogConfig(properties), 0, 0, new Idle(), new BrokerTopicStats(),
            clock, 1000, new ProducerStateManagerConfig(1000, true), 1000, new LogDirFailureChannel(1), true,
            Optional.of(Uuid.randomUuid()));
        states = log.producerStateManager();
    }

    @Override
    public String take(String[] words) throws Exception {
        return outcome(words) + " | " + shown();
    }

    private String outcome(String[] words) throws Exception {
        switch (words[0]) {
            case "append":
                return append(words);
            case "verify":
                return verify(Long.parseLong(words[1]), Integer.parseInt(words[2]), Short.parseShort(words[3]),
                    words[4].equals("1"));
            case "watermark":
                log.updateHighWatermark(Long.parseLong(words[1]));
                return "stable " + stable();
            case "expire":
                clock.now = Long.parseLong(words[1]);
                log.removeExpiredProducers(clock.now);
                return "done";
            case "snapshot":
                return snapshot();
            case "start":
                log.maybeIncrementLogStartOffset(Long.parseLong(words[1]),
                    LogStartOffsetIncrementReason.ClientRecordDeletion);
                return "done";
            case "reload":
                states.truncateAndReload(Long.parseLong(words[1]), Long.parseLong(words[2]), clock.now);
                return "done";
            case "corrupt":
                corrupt(Integer.parseInt(words[1]));
                return "done";
            case "drop":
                states.deleteSnapshotsBefore(Long.parseLong(words[1]));
                return "done";
            case "stray":
                List<Long> bases = new ArrayList<>();
                for (int each = 1; each < words.length; ++each) {
                    bases.add(Long.parseLong(words[each]));
                }
                states.removeStraySnapshots(bases);
                return "done";
            case "fully":
                states.truncateFullyAndStartAt(Long.parseLong(words[1]));
                return "done";
            default:
                throw new IllegalArgumentException(words[0]);
        }
    }

    private String append(String[] words) {
        long end = log.logEndOffset();
        MemoryRecords records = MemoryRecords.readableRecords(ByteBuffer.wrap(States.bytes(words[4])));
        VerificationGuard guard = guards.getOrDefault(Long.parseLong(words[3]), VerificationGuard.SENTINEL);
        LogAppendInfo info;
        try {
            info = words[1].equals("replication") ? log.appendAsFollower(records, 0)
                : log.appendAsLeader(records, 0, AppendOrigin.valueOf(words[1].toUpperCase(Locale.ROOT)),
                    RequestLocal.noCaching(), guard, Short.parseShort(words[2]));
        } catch (InvalidProducerEpochException refused) {
            return "invalid_epoch";
        } catch (OutOfOrderSequenceException refused) {
            return "out_of_order_sequence";
        } catch (InvalidTxnStateException refused) {
            return "invalid_transaction";
        } catch (TransactionCoordinatorFencedException refused) {
            return "coordinator_fenced";
        }
        if (info.lastOffset() < end) {
            return "again " + info.firstOffset() + "-" + info.lastOffset();
        }
        StringBuilder text = new StringBuilder(end + "-" + info.lastOffset());
        for (AbortedTxn each : log.collectAbortedTransactions(end, log.logEndOffset())) {
            if (each.lastOffset() < end) {
                continue;  // what is asked for is a segment's
            }
            text.append(" aborted ").append(each.producerId()).append(':').append(each.firstOffset()).append('-')
                .append(each.lastOffset()).append('@').append(each.lastStableOffset());
        }
        return text.append(" stable ").append(stable()).toString();
    }

    /** When the log begins within a batch, the reference may answer with that batch's first offset, which is gone. */
    private long stable() {
        return Math.max(log.lastStableOffset(), Math.min(log.logStartOffset(), log.highWatermark()));
    }

    private String verify(long id, int sequence, short epoch, boolean raisesEpoch) {
        VerificationGuard guard;
        try {
            guard = log.maybeStartTransactionVerification(id, sequence, epoch, raisesEpoch);
        } catch (InvalidProducerEpochException refused) {
            return "invalid_epoch";
        }
        guards.put(id, guard);
        return guard == VerificationGuard.SENTINEL ? "open" : "guarded";
    }

    private String snapshot() throws IOException {
        long offset = states.mapEndOffset();
        return states.takeSnapshot(false).isEmpty() ? "none"
            : offset + " " + States.hex(Files.readAllBytes(states.fetchSnapshot(offset).get().toPath()));
    }

    private void corrupt(int at) throws IOException {
        Path file = states.fetchSnapshot(states.latestSnapshotOffset().getAsLong()).get().toPath();
        byte[] bytes = Files.readAllBytes(file);
        bytes[at] ^= 4;
        Files.write(file, bytes);
    }

    private String shown() throws IOException {
        StringBuilder text = new StringBuilder();
        text.append("end ").append(log.logEndOffset()).append(" map ").append(states.mapEndOffset())
            .append(" unstable ").append(states.firstUnstableOffset().map(each -> each.messageOffset).orElse(-1L))
            .append(" undecided ").append(states.firstUndecidedOffset().orElse(-1))
            .append(" empty ").append(states.isEmpty())
            .append(" late ").append(states.hasLateTransaction(clock.now))
            .append(" files");
        try (Stream<Path> files = Files.list(folder)) {
            files.map(each -> each.getFileName().toString()).filter(each -> each.endsWith(".snapshot")).sorted()
                .forEach(each -> text.append(' ').append(Long.parseLong(each.substring(0, 20))));
        }
        for (long id = 0; id < PRODUCERS; ++id) {
            states.lastEntry(id).ifPresent(each -> show(text, each));
        }
        for (long id = 0; id < PRODUCERS; ++id) {
            VerificationStateEntry each = states.verificationStateEntry(id);
            if (each != null) {
                text.append(" v").append(id).append(':').append(each.lowestSequence()).append(',')
                    .append(each.epoch()).append(',').append(each.supportsEpochBump()).append(',')
                    .append(each.timestamp());
            }
        }
        return text.toString();
    }

    private static void show(StringBuilder text, ProducerStateEntry entry) {
        text.append(' ').append(entry.producerId()).append(':').append(entry.producerEpoch()).append(',')
            .append(entry.coordinatorEpoch()).append(',').append(entry.lastTimestamp()).append(',')
            .append(entry.currentTxnFirstOffset().orElse(-1)).append('[');
        for (BatchMetadata each : entry.batchMetadata()) {
            text.append(each.firstSeq()).append('-').append(each.lastSeq()).append(':').append(each.firstOffset())
                .append('-').append(each.lastOffset()).append('@').append(each.timestamp()).append(' ');
        }
        text.append(']');
    }
}
