package referencedata;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Members of groups of all kinds, so that coordinators write what they remember. */
final class Groups {
  private final String bootstrap;
  private final Admin admin;

  Groups(String bootstrap, Admin admin) {
    this.bootstrap = bootstrap;
    this.admin = admin;
  }

  void use() throws Exception {
    consume("classic-group", "classic", "an-instance");
    consume("consumer-group", "consumer", null);
    consume("deleted-group", "classic", null);
    admin.deleteConsumerGroups(List.of("deleted-group")).all().get();
    share();
  }

  private Map<String, Object> configs(String group) {
    final Map<String, Object> configs = new HashMap<>();
    configs.put("bootstrap.servers", bootstrap);
    configs.put("group.id", group);
    return configs;
  }

  private void consume(String group, String protocol, String instance) throws Exception {
    final Map<String, Object> configs = configs(group);
    configs.put("group.protocol", protocol);
    configs.put("auto.offset.reset", "earliest");
    configs.put("enable.auto.commit", false);
    if (instance != null) {
      configs.put("group.instance.id", instance);
    }
    try (KafkaConsumer<String, String> consumer =
             new KafkaConsumer<>(configs, new StringDeserializer(), new StringDeserializer())) {
      consumer.subscribe(List.of("shared"));
      final int[] seen = {0};
      ReferenceData.await(group + " reads", () -> {
        seen[0] += consumer.poll(Duration.ofMillis(100)).count();
        return seen[0] >= 40;
      });
      consumer.commitSync(Map.of(new TopicPartition("shared", 0), new OffsetAndMetadata(3, "some \"metadata\""),
          new TopicPartition("shared", 1), new OffsetAndMetadata(20)));
    }
  }

  private void share() throws Exception {
    final ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, "share-group");
    admin.incrementalAlterConfigs(Map.of(group, List.of(new AlterConfigOp(
        new ConfigEntry("share.auto.offset.reset", "earliest"), AlterConfigOp.OpType.SET)))).all().get();
    final Map<String, Object> configs = configs("share-group");
    configs.put("share.acknowledgement.mode", "explicit");
    try (KafkaShareConsumer<String, String> consumer =
             new KafkaShareConsumer<>(configs, new StringDeserializer(), new StringDeserializer())) {
      consumer.subscribe(List.of("shared"));
      final int[] seen = {0};
      ReferenceData.await("the share group reads", () -> {
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
          final AcknowledgeType[] types = {AcknowledgeType.ACCEPT, AcknowledgeType.RELEASE, AcknowledgeType.REJECT};
          consumer.acknowledge(record, types[(int) (record.offset() % 3)]);
          seen[0]++;
        }
        consumer.commitSync();
        return seen[0] >= 40;
      });
    }
  }
}
