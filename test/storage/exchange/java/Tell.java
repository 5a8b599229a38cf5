package exchange;

import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.FileRecords.TimestampAndOffset;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.storage.log.FetchIsolation;
import org.apache.kafka.server.util.KafkaScheduler;
import org.apache.kafka.storage.internals.epoch.LeaderEpochFileCache;
import org.apache.kafka.storage.internals.log.BatchMetadata;
import org.apache.kafka.storage.internals.log.EpochEntry;
import org.apache.kafka.storage.internals.log.FetchDataInfo;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.apache.kafka.storage.internals.log.LogSegment;
import org.apache.kafka.storage.internals.log.OffsetResultHolder;
import org.apache.kafka.storage.internals.log.ProducerStateEntry;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.apache.kafka.storage.log.metrics.BrokerTopicStats;

/**
 * Opens logs with the reference's own class and tells all that it knows of them, one fact a line: Tell LIST. A line of
 * the list: how it was left ("clean" or "crash"), index.interval.bytes, log start, recovery point, directory, and the
 * file for the facts; what follows is for others.
 */
public final class Tell {
  private static final KafkaScheduler SCHEDULER = new KafkaScheduler(1);

  private final UnifiedLog log;
  private final PrintWriter out;

  private Tell(UnifiedLog log, PrintWriter out) {
    this.log = log;
    this.out = out;
  }

  public static void main(String[] words) throws Exception {
    SCHEDULER.startup();
    for (String line : Files.readAllLines(Path.of(words[0]))) {
      final String[] parts = line.split("\t");
      try (PrintWriter out = new PrintWriter(new BufferedWriter(Files.newBufferedWriter(Path.of(parts[5]))))) {
        try {
          tell(parts, out);
        } catch (Exception | Error failure) {
          out.println("failed " + failure);
          failure.printStackTrace();
        }
      }
    }
    SCHEDULER.shutdown();
  }

  /** Nothing is too old in a world where the time stands still. */
  private static final class Standing implements Time {
    @Override
    public long milliseconds() {
      return 0;
    }

    @Override
    public long nanoseconds() {
      return 0;
    }

    @Override
    public void sleep(long millis) {}
  }

  private static void tell(String[] parts, PrintWriter out) throws Exception {
    final Map<String, String> configs = new HashMap<>();
    configs.put("index.interval.bytes", parts[1]);
    configs.put("segment.index.bytes", parts[4].contains("__cluster_metadata") ? "10485760" : "65536");
    final UnifiedLog log = UnifiedLog.create(new File(parts[4]), new LogConfig(configs), Long.parseLong(parts[2]),
        Long.parseLong(parts[3]), SCHEDULER, new BrokerTopicStats(), new Standing(), 900_000,
        new ProducerStateManagerConfig(Integer.MAX_VALUE, false), 600_000, new LogDirFailureChannel(1),
        parts[0].equals("clean"), Optional.empty());
    log.updateHighWatermark(log.logEndOffset());
    new Tell(log, out).all();
    log.prepareActiveSegmentForClose();
    log.flush(true);
    log.close();
  }

  private void all() throws Exception {
    out.printf("log %d %d %d%n", log.logStartOffset(), log.logEndOffset(), log.lastStableOffset());
    final List<Long> offsets = new ArrayList<>();
    final TreeSet<Long> times = new TreeSet<>();
    for (LogSegment segment : log.logSegments()) {
      out.printf("segment %d %d%n", segment.baseOffset(), segment.size());
      for (RecordBatch batch : segment.log().batches()) {
        if (batch.lastOffset() >= log.logStartOffset()) {
          tellBatch(batch, times);
          offsets.add(batch.lastOffset());
        }
      }
    }
    tellProducers();
    tellEpochs();
    tellTimes(times);
    tellReads(offsets);
  }

  private void tellBatch(RecordBatch batch, TreeSet<Long> times) {
    out.printf("batch %d magic %d %s %d bytes epoch %d producer %d %d %d time %d %s%s%s%s%n", batch.lastOffset(),
        batch.magic(), batch.compressionType().name, batch.sizeInBytes(), batch.partitionLeaderEpoch(),
        batch.producerId(), batch.producerEpoch(), batch.baseSequence(), batch.maxTimestamp(),
        batch.timestampType().name, batch.isTransactional() ? " transactional" : "",
        batch.isControlBatch() ? " control" : "",
        batch.deleteHorizonMs().isPresent() ? " horizon " + batch.deleteHorizonMs().getAsLong() : "");
    for (Record record : batch) {
      final StringBuilder line = new StringBuilder("record " + record.offset() + " " + record.timestamp() + " ");
      line.append(Text.of(record.key())).append(' ').append(Text.of(record.value()));
      line.append(Text.of(record.headers()));
      if (batch.isControlBatch()) {
        line.append(control(record));
      }
      out.println(line);
      for (long time = record.timestamp() - 1; time <= record.timestamp() + 1; time++) {
        times.add(time);
      }
    }
  }

  private static String control(Record record) {
    final ControlRecordType type = ControlRecordType.parse(record.key());
    final String name = " " + type.name().toLowerCase();
    return type == ControlRecordType.ABORT || type == ControlRecordType.COMMIT
        ? name + " " + EndTransactionMarker.deserialize(record).coordinatorEpoch() : name;
  }

  private void tellProducers() {
    for (ProducerStateEntry producer : new TreeMap<>(log.producerStateManager().activeProducers()).values()) {
      out.printf("producer %d %d coordinator %d time %d transaction %d", producer.producerId(),
          producer.producerEpoch(), producer.coordinatorEpoch(), producer.lastTimestamp(),
          producer.currentTxnFirstOffset().orElse(-1));
      // Earlier batches are forgotten by a snapshot.
      BatchMetadata last = null;
      for (BatchMetadata batch : producer.batchMetadata()) {
        last = batch;
      }
      out.println(last == null ? "" : " batch " + last.firstOffset() + " " + last.lastOffset() + " sequence " + last.lastSeq()
          + " at " + last.timestamp());
    }
  }

  private void tellEpochs() {
    final LeaderEpochFileCache epochs = log.leaderEpochCache();
    int latest = 0;
    for (EpochEntry entry : epochs.epochEntries()) {
      out.printf("epoch %d %d%n", entry.epoch(), entry.startOffset());
      latest = entry.epoch();
    }
    for (int epoch = -1; epoch <= latest + 1; epoch++) {
      final Map.Entry<Integer, Long> end = epochs.endOffsetFor(epoch, log.logEndOffset());
      out.printf("epoch-end %d %d %d%n", epoch, end.getKey(), end.getValue());
    }
  }

  private void tellTimes(TreeSet<Long> times) throws IOException {
    for (long time : times) {
      // Negative ones ask for something else: the log's ends.
      if (time >= 0) {
        out.println("time " + time + found(log.fetchOffsetByTimestamp(time, Optional.empty())));
      }
    }
    out.println("max-time" + found(log.fetchOffsetByTimestamp(-3, Optional.empty())));
  }

  private static String found(OffsetResultHolder holder) {
    final Optional<TimestampAndOffset> at = holder.timestampAndOffsetOpt();
    return at.isEmpty() ? " none"
        : " " + at.get().timestamp + " " + at.get().offset + " " + at.get().leaderEpoch.orElse(-1);
  }

  private void tellReads(List<Long> lasts) throws IOException {
    long start = log.logStartOffset();
    for (long last : lasts) {
      for (long offset : new TreeSet<>(List.of(Math.max(start, log.logStartOffset()), (start + last) / 2, last))) {
        for (int most : new int[] {1, 600, 1 << 24}) {
          tellRead(offset, most);
        }
      }
      start = last + 1;
    }
  }

  /** The batches that a reader of committed records gets, and the transactions that he has to leave out of them. */
  private void tellRead(long offset, int most) throws IOException {
    if (offset < log.logStartOffset()) {
      return;
    }
    final FetchDataInfo info = log.read(offset, most, FetchIsolation.TXN_COMMITTED, true);
    long last = -1;
    int count = 0;
    for (RecordBatch batch : info.records.batches()) {
      last = batch.lastOffset();
      count++;
    }
    final StringBuilder line = new StringBuilder("read " + offset + " " + most + ": " + count + " to " + last);
    final TreeSet<String> aborted = new TreeSet<>();
    for (FetchResponseData.AbortedTransaction transaction : info.abortedTransactions.orElse(List.of())) {
      // One that begins behind what was read is named when the answer is cut by its size; it means nothing then.
      if (transaction.firstOffset() <= last) {
        aborted.add(" aborted " + transaction.producerId() + " from " + transaction.firstOffset());
      }
    }
    aborted.forEach(line::append);
    out.println(line);
  }
}
