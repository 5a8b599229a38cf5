package exchange;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads partitions from their beginnings to their ends: Consume BOOTSTRAP FOLDER TOPIC-PARTITION... */
public final class Consume {
  private Consume() {}

  public static void main(String[] words) throws Exception {
    for (String isolation : List.of("read_uncommitted", "read_committed")) {
      final Map<String, Object> configs = new HashMap<>();
      configs.put("bootstrap.servers", words[0]);
      configs.put("isolation.level", isolation);
      configs.put("auto.offset.reset", "none");
      try (KafkaConsumer<byte[], byte[]> consumer =
               new KafkaConsumer<>(configs, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
        for (int i = 2; i < words.length; i++) {
          final Path file = Path.of(words[1], words[i] + "." + isolation);
          try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(file))) {
            consume(consumer, words[i], out);
          }
        }
      }
    }
  }

  private static void consume(KafkaConsumer<byte[], byte[]> consumer, String name, PrintWriter out) {
    final int dash = name.lastIndexOf('-');
    final TopicPartition partition =
        new TopicPartition(name.substring(0, dash), Integer.parseInt(name.substring(dash + 1)));
    final List<TopicPartition> one = new ArrayList<>(List.of(partition));
    consumer.assign(one);
    consumer.seekToBeginning(one);
    final long end = consumer.endOffsets(one).get(partition);
    while (consumer.position(partition) < end) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(10))) {
        out.println("record " + record.offset() + " " + record.timestamp() + " " + Text.of(record.key()) + " "
            + Text.of(record.value()) + Text.of(record.headers()));
      }
    }
    out.println("end " + end);
  }
}
