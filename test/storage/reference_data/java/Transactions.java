package referencedata;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Transactions that were committed, aborted, mixed with each other, and one that stays open. */
final class Transactions {
  private final String bootstrap;

  Transactions(String bootstrap) {
    this.bootstrap = bootstrap;
  }

  void write() throws Exception {
    try (KafkaProducer<String, String> first = producer("first", "none");
         KafkaProducer<String, String> second = producer("second", "lz4")) {
      final ConsumerGroupMetadata membership = membership();
      first.initTransactions();
      second.initTransactions();
      for (int round = 0; round < 6; round++) {
        first.beginTransaction();
        second.beginTransaction();
        send(first, 0, "first " + round, 3);
        send(second, 0, "second " + round, 4);
        send(second, 1, "second " + round, 2);
        send(first, 0, "first again " + round, 1);
        if (round % 2 == 0) {
          first.abortTransaction();
          second.commitTransaction();
        } else {
          second.abortTransaction();
          first.sendOffsetsToTransaction(
              Map.of(new TopicPartition("transactions", 1), new OffsetAndMetadata(round, "in a transaction")),
              membership);
          first.commitTransaction();
        }
      }
    }
    leaveOpen();
  }

  /** Its producer goes without a word: nothing ends the transaction before its time is over. */
  @SuppressWarnings("resource")
  private void leaveOpen() throws Exception {
    final KafkaProducer<String, String> producer = producer("open", "none");
    producer.initTransactions();
    producer.beginTransaction();
    send(producer, 1, "open", 5);
  }

  /** Of a consumer that assigns itself what it reads: the group has no members. */
  private ConsumerGroupMetadata membership() {
    final Map<String, Object> configs = new HashMap<>();
    configs.put("bootstrap.servers", bootstrap);
    configs.put("group.id", "transactional-group");
    try (KafkaConsumer<String, String> consumer =
             new KafkaConsumer<>(configs, new StringDeserializer(), new StringDeserializer())) {
      return consumer.groupMetadata();
    }
  }

  private static void send(KafkaProducer<String, String> producer, int partition, String text, int count)
      throws Exception {
    Future<RecordMetadata> last = null;
    for (int i = 0; i < count; i++) {
      last = producer.send(new ProducerRecord<>("transactions", partition, PlainRecords.TIME + i, text, text + " " + i));
    }
    producer.flush();
    last.get();
  }

  private KafkaProducer<String, String> producer(String name, String codec) {
    final Map<String, Object> configs = new HashMap<>();
    configs.put("bootstrap.servers", bootstrap);
    configs.put("compression.type", codec);
    configs.put("transactional.id", name);
    configs.put("transaction.timeout.ms", 600_000);
    configs.put("linger.ms", 60_000);
    return new KafkaProducer<>(configs, new StringSerializer(), new StringSerializer());
  }
}
