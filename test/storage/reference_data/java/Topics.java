package referencedata;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/** The topics, each for one way in which records come to lie on a disk. */
final class Topics {
  static final List<String> CODECS = List.of("none", "gzip", "snappy", "lz4", "zstd");
  static final int SEGMENTS_RECORDS = 900;

  private final Admin admin;

  Topics(Admin admin) {
    this.admin = admin;
  }

  void createAll() throws Exception {
    final List<NewTopic> topics = new ArrayList<>();
    for (String codec : CODECS) {
      topics.add(topic("codec-" + codec, 1, Map.of("index.interval.bytes", "500")));
    }
    topics.add(topic("appended-" + "none", 1, Map.of("message.timestamp.type", "LogAppendTime")));
    topics.add(topic("appended-" + "lz4", 1, Map.of("message.timestamp.type", "LogAppendTime")));
    topics.add(topic("recompressed", 1, Map.of("compression.type", "zstd", "compression.zstd.level", "5")));
    topics.add(topic("odd", 1, Map.of()));
    topics.add(topic("numbers", 1, Map.of()));
    topics.add(topic("idempotent", 1, Map.of()));
    topics.add(topic("transactions", 2, Map.of("index.interval.bytes", "200")));
    topics.add(topic("segments", 1, Map.of("internal.segment.bytes", "20000", "index.interval.bytes", "1000")));
    topics.add(topic("compacted", 1, Map.of("cleanup.policy", "compact", "internal.segment.bytes", "4000",
        "min.cleanable.dirty.ratio", "0.01", "delete.retention.ms", "86400000")));
    topics.add(topic("remote-metadata", 1, Map.of()));
    topics.add(topic("shared", 2, Map.of()));
    topics.add(topic("empty", 1, Map.of()));
    topics.add(topic("ours", 18, Map.of()));
    topics.add(topic("ours-appended", 2, Map.of("message.timestamp.type", "LogAppendTime")));
    admin.createTopics(topics).all().get();
  }

  private static NewTopic topic(String name, int partitions, Map<String, String> configs) {
    return new NewTopic(name, partitions, (short) 1).configs(configs);
  }

  /** Waits until a first segment of the compacted topic was cleaned. */
  void awaitCleaner(Path data) throws Exception {
    final Path checkpoint = data.resolve("cleaner-offset-checkpoint");
    ReferenceData.await("the cleaner", () -> {
      if (!Files.exists(checkpoint)) {
        return false;
      }
      try (Stream<String> lines = Files.lines(checkpoint)) {
        return lines.anyMatch(line -> line.startsWith("compacted 0 "));
      }
    });
  }
}
