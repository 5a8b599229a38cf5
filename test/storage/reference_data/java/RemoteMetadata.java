package referencedata;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.server.log.remote.metadata.storage.serialization.RemoteLogMetadataSerde;
import org.apache.kafka.server.log.remote.storage.RemoteLogMetadata;
import org.apache.kafka.server.log.remote.storage.RemoteLogSegmentId;
import org.apache.kafka.server.log.remote.storage.RemoteLogSegmentMetadata;
import org.apache.kafka.server.log.remote.storage.RemoteLogSegmentMetadata.CustomMetadata;
import org.apache.kafka.server.log.remote.storage.RemoteLogSegmentMetadataUpdate;
import org.apache.kafka.server.log.remote.storage.RemoteLogSegmentState;
import org.apache.kafka.server.log.remote.storage.RemotePartitionDeleteMetadata;
import org.apache.kafka.server.log.remote.storage.RemotePartitionDeleteState;

/** What the topic __remote_log_metadata would hold, in a topic of its own: tiering needs a plug-in that is not here. */
final class RemoteMetadata {
  private final String bootstrap;

  RemoteMetadata(String bootstrap) {
    this.bootstrap = bootstrap;
  }

  void write() throws Exception {
    final Map<String, Object> configs = new HashMap<>();
    configs.put("bootstrap.servers", bootstrap);
    final RemoteLogMetadataSerde serde = new RemoteLogMetadataSerde();
    try (KafkaProducer<byte[], byte[]> producer =
             new KafkaProducer<>(configs, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (RemoteLogMetadata metadata : all()) {
        producer.send(new ProducerRecord<>("remote-metadata", 0, PlainRecords.TIME, null, serde.serialize(metadata)));
      }
      producer.send(new ProducerRecord<>("remote-metadata", 0, PlainRecords.TIME, null, new byte[] {0, 1, 0}));
      producer.send(new ProducerRecord<>("remote-metadata", 0, PlainRecords.TIME, null, new byte[0]));
    }
  }

  private static List<RemoteLogMetadata> all() {
    final TopicIdPartition partition =
        new TopicIdPartition(Uuid.fromString("AAAAAAAAAAAAAAAAAAAAAg"), 3, "a-topic");
    final RemoteLogSegmentId id = new RemoteLogSegmentId(partition, Uuid.fromString("AAAAAAAAAAAAAAAAAAAAAw"));
    final Optional<CustomMetadata> custom = Optional.of(new CustomMetadata(new byte[] {1, 2, 3}));
    final RemoteLogSegmentMetadata started = new RemoteLogSegmentMetadata(id, 10, 99, PlainRecords.TIME, 1,
        PlainRecords.TIME + 1, 4096, Optional.of(new CustomMetadata(new byte[0])),
        RemoteLogSegmentState.COPY_SEGMENT_STARTED, Map.of(0, 10L, 2, 50L, 17, 60L));
    return List.of(started,
        new RemoteLogSegmentMetadata(id, 10, 99, PlainRecords.TIME, 1, PlainRecords.TIME + 1, 4096, Map.of(0, 10L)),
        new RemoteLogSegmentMetadataUpdate(id, PlainRecords.TIME + 2, custom,
            RemoteLogSegmentState.COPY_SEGMENT_FINISHED, 1),
        new RemoteLogSegmentMetadataUpdate(id, PlainRecords.TIME + 3, Optional.empty(),
            RemoteLogSegmentState.DELETE_SEGMENT_STARTED, 1),
        new RemotePartitionDeleteMetadata(partition, RemotePartitionDeleteState.DELETE_PARTITION_MARKED,
            PlainRecords.TIME + 4, 1));
  }
}
