import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigsOptions;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreatePartitionsOptions;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeClusterResult;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.QuorumInfo;
import org.apache.kafka.clients.admin.RaftVoterEndpoint;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;
import org.apache.kafka.clients.admin.UserScramCredentialDeletion;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionReplica;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.quota.ClientQuotaFilter;
import org.apache.kafka.common.quota.ClientQuotaFilterComponent;

/** One use after the other of the admin client: AdminStory BOOTSTRAP CONTROLLER. A line is a heading, a tab, and what came. */
public final class AdminStory {
  private AdminStory() {}

  private static final ConfigResource TOPIC = new ConfigResource(ConfigResource.Type.TOPIC, "story");
  private static final ConfigResource BROKER = new ConfigResource(ConfigResource.Type.BROKER, "1");
  private static int steps = 0;

  private static void step(String heading, Callable<Object> work) {
    String text;
    try {
      text = String.valueOf(work.call());
    } catch (ExecutionException failed) {
      text = "failed: " + failed.getCause().getClass().getName() + ": " + failed.getCause().getMessage();
    } catch (Exception failed) {
      text = "failed: " + failed.getClass().getName() + ": " + failed.getMessage();
    }
    System.out.println("admin " + steps++ + ", " + heading + "\t" + text.replace("\n", " / "));
  }

  /** What each future of a map gave, by its key. */
  private static <K, V> Map<String, String> each(Map<K, KafkaFuture<V>> futures) throws InterruptedException {
    final Map<String, String> outcomes = new TreeMap<>();
    for (Map.Entry<K, KafkaFuture<V>> entry : futures.entrySet()) {
      try {
        outcomes.put(entry.getKey().toString(), String.valueOf(entry.getValue().get()));
      } catch (ExecutionException failed) {
        outcomes.put(entry.getKey().toString(), failed.getCause().getClass().getName() + ": " + failed.getCause().getMessage());
      }
    }
    return outcomes;
  }

  private static Map<String, String> configs(Admin admin, Collection<ConfigResource> resources) throws Exception {
    final DescribeConfigsOptions all = new DescribeConfigsOptions().includeSynonyms(true);
    final Map<String, String> shown = new TreeMap<>();
    for (Map.Entry<ConfigResource, Config> config : admin.describeConfigs(resources, all).all().get().entrySet()) {
      for (ConfigEntry entry : config.getValue().entries()) {
        if (!entry.isDefault()) {
          shown.put(config.getKey() + " " + entry.name(), entry.toString());
        }
      }
    }
    return shown;
  }

  private static Map<ConfigResource, Collection<AlterConfigOp>> alter(ConfigResource resource, String key, String value,
      AlterConfigOp.OpType type) {
    return Map.of(resource, List.of(new AlterConfigOp(new ConfigEntry(key, value), type)));
  }

  /** What is answered once it is as wanted: the broker learns a little later what the controller has answered already. */
  private static <T> T settled(Callable<T> question, Predicate<T> wanted) throws Exception {
    ExecutionException refused = null;
    T found = null;
    for (int tries = 0; tries < 5000; ++tries) {
      try {
        found = question.call();
        if (wanted.test(found)) {
          return found;
        }
      } catch (ExecutionException early) {
        refused = early;
      }
    }
    if (found == null && refused != null) {
      throw refused;
    }
    throw new IllegalStateException("never as it should be: " + found);
  }

  private static TopicDescription described(Admin admin, String topic, int partitions) throws Exception {
    return settled(() -> admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic),
        found -> found.partitions().size() == partitions
            && found.partitions().stream().allMatch(each -> each.leader() != null));
  }

  private static Map<String, String> settledConfigs(Admin admin, Collection<ConfigResource> resources, List<String> texts)
      throws Exception {
    return settled(() -> configs(admin, resources), shown -> texts.stream().allMatch(shown.toString()::contains));
  }

  private static void topics(Admin admin) {
    step("create topics", () -> {
      final CreateTopicsResult result = admin.createTopics(List.of(new NewTopic("story", 3, (short) 1),
          new NewTopic("placed", Map.of(0, List.of(1), 1, List.of(1))), new NewTopic("none", 1, (short) 5),
          new NewTopic("default", Optional.empty(), Optional.empty()),
          new NewTopic("set", 1, (short) 1).configs(Map.of("retention.ms", "5"))));
      return each(result.values()) + " " + result.numPartitions("story").get() + " " + result.config("set").get().entries().size();
    });
    step("create again", () -> each(admin.createTopics(List.of(new NewTopic("story", 3, (short) 1))).values()));
    step("only check", () -> each(admin.createTopics(List.of(new NewTopic("checked", 3, (short) 1)),
        new CreateTopicsOptions().validateOnly(true)).values()));
    step("describe topics", () -> described(admin, "story", 3).toString() + described(admin, "placed", 2));
    step("describe with operations", () -> admin.describeTopics(List.of("story"),
        new DescribeTopicsOptions().includeAuthorizedOperations(true)).allTopicNames().get().get("story").authorizedOperations());
    step("describe nothing", () -> each(admin.describeTopics(List.of("nothing")).topicNameValues()));
    step("describe by id", () -> {
      final Uuid id = described(admin, "story", 3).topicId();
      return each(admin.describeTopics(TopicCollection.ofTopicIds(List.of(id, Uuid.ONE_UUID))).topicIdValues());
    });
    step("list topics", () -> new TreeMap<>(admin.listTopics(new ListTopicsOptions().listInternal(true)).namesToListings().get()).keySet());
    step("more partitions", () -> each(admin.createPartitions(Map.of("story", NewPartitions.increaseTo(5), "nothing",
        NewPartitions.increaseTo(2), "placed", NewPartitions.increaseTo(1))).values()));
    step("more partitions, checked", () -> each(admin.createPartitions(Map.of("story", NewPartitions.increaseTo(9)),
        new CreatePartitionsOptions().validateOnly(true)).values()));
    step("grown", () -> described(admin, "story", 5).partitions().size());
  }

  private static void configurations(Admin admin) {
    step("alter a topic", () -> each(admin.incrementalAlterConfigs(alter(TOPIC, "retention.ms", "7", AlterConfigOp.OpType.SET)).values()));
    step("append to a topic's list", () -> each(admin.incrementalAlterConfigs(alter(TOPIC, "cleanup.policy", "compact",
        AlterConfigOp.OpType.APPEND)).values()));
    step("alter a topic wrongly", () -> each(admin.incrementalAlterConfigs(alter(TOPIC, "retention.ms", "x", AlterConfigOp.OpType.SET)).values()));
    step("alter a topic, only checked", () -> each(admin.incrementalAlterConfigs(alter(TOPIC, "retention.ms", "8",
        AlterConfigOp.OpType.SET), new AlterConfigsOptions().validateOnly(true)).values()));
    step("alter a broker", () -> each(admin.incrementalAlterConfigs(alter(BROKER, "log.cleaner.threads", "2", AlterConfigOp.OpType.SET)).values()));
    step("alter all brokers", () -> each(admin.incrementalAlterConfigs(alter(new ConfigResource(ConfigResource.Type.BROKER, ""),
        "message.max.bytes", "2000000", AlterConfigOp.OpType.SET)).values()));
    step("alter what cannot be", () -> each(admin.incrementalAlterConfigs(alter(BROKER, "log.dirs", "x", AlterConfigOp.OpType.SET)).values()));
    step("alter a group", () -> each(admin.incrementalAlterConfigs(alter(new ConfigResource(ConfigResource.Type.GROUP, "grp2"),
        "consumer.session.timeout.ms", "46000", AlterConfigOp.OpType.SET)).values()));
    step("described", () -> settledConfigs(admin, List.of(TOPIC, BROKER), List.of("2000000", "log.cleaner.threads", "retention.ms")));
    step("described group", () -> settledConfigs(admin, List.of(new ConfigResource(ConfigResource.Type.GROUP, "grp2")),
        List.of("46000")));
    step("set back", () -> each(admin.incrementalAlterConfigs(alter(TOPIC, "retention.ms", null, AlterConfigOp.OpType.DELETE)).values()));
    step("resources", () -> new ArrayList<>(admin.listConfigResources(Set.of(ConfigResource.Type.GROUP, ConfigResource.Type.BROKER),
        new org.apache.kafka.clients.admin.ListConfigResourcesOptions()).all().get()));
    step("client metrics resources", () -> admin.listConfigResources(Set.of(ConfigResource.Type.CLIENT_METRICS),
        new org.apache.kafka.clients.admin.ListConfigResourcesOptions()).all().get());
  }

  private static void quotas(Admin admin) {
    final ClientQuotaEntity ann = new ClientQuotaEntity(Map.of(ClientQuotaEntity.USER, "story-ann"));
    step("set quotas", () -> each(admin.alterClientQuotas(List.of(new ClientQuotaAlteration(ann,
        List.of(new ClientQuotaAlteration.Op("producer_byte_rate", 10.0))))).values()));
    step("set a quota that is none", () -> each(admin.alterClientQuotas(List.of(new ClientQuotaAlteration(ann,
        List.of(new ClientQuotaAlteration.Op("nothing", 10.0))))).values()));
    step("told quotas", () -> {
      final ClientQuotaFilter filter = ClientQuotaFilter.containsOnly(List.of(
          ClientQuotaFilterComponent.ofEntity(ClientQuotaEntity.USER, "story-ann")));
      return settled(() -> admin.describeClientQuotas(filter).entities().get(), found -> !found.isEmpty());
    });
    step("credentials", () -> each(admin.alterUserScramCredentials(List.of(
        new UserScramCredentialUpsertion("story-ann", new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096), "secret"),
        new UserScramCredentialDeletion("nobody", ScramMechanism.SCRAM_SHA_512))).values()));
    step("credentials told", () -> settled(() -> admin.describeUserScramCredentials(List.of("story-ann")).all().get(),
        found -> true));
    step("rules", () -> admin.describeAcls(AclBindingFilter.ANY).values().get());
    step("rules made", () -> each(admin.createAcls(Collections.<AclBinding>emptyList()).values()));
    step("tokens", () -> admin.describeDelegationToken().delegationTokens().get());
    step("a token", () -> admin.createDelegationToken().delegationToken().get());
  }

  private static void cluster(Admin admin) {
    step("cluster", () -> {
      final DescribeClusterResult result = admin.describeCluster(new DescribeClusterOptions().includeAuthorizedOperations(true)
          .includeFencedBrokers(true));
      return result.clusterId().get() + " " + result.controller().get() + " " + result.nodes().get() + " "
          + result.authorizedOperations().get().size();
    });
    step("features", () -> {
      final var features = admin.describeFeatures().featureMetadata().get();
      return new TreeMap<>(features.finalizedFeatures()) + " " + new TreeMap<>(features.supportedFeatures());
    });
    step("features checked", () -> each(admin.updateFeatures(Map.of("group.version",
        new FeatureUpdate((short) 0, FeatureUpdate.UpgradeType.SAFE_DOWNGRADE)), new UpdateFeaturesOptions().validateOnly(true)).values()));
    step("features that are none", () -> each(admin.updateFeatures(Map.of("nothing",
        new FeatureUpdate((short) 1, FeatureUpdate.UpgradeType.UPGRADE)), new UpdateFeaturesOptions()).values()));
    step("quorum", () -> {
      final QuorumInfo info = admin.describeMetadataQuorum().quorumInfo().get();
      return info.leaderId() + " " + info.voters().size() + " " + info.observers().size() + " " + info.nodes();
    });
    step("a voter more", () -> admin.addRaftVoter(7, Uuid.ONE_UUID, Set.of(new RaftVoterEndpoint("CONTROLLER", "a", 1))).all().get());
    step("a voter less", () -> admin.removeRaftVoter(7, Uuid.ONE_UUID).all().get());
    step("a broker less", () -> admin.unregisterBroker(7).all().get());
    step("leaders", () -> {
      final Map<TopicPartition, Optional<Throwable>> elected = new java.util.HashMap<>(admin.electLeaders(ElectionType.PREFERRED,
          Set.of(new TopicPartition("story", 0), new TopicPartition("nothing", 0))).partitions().get());
      final Map<String, String> shown = new TreeMap<>();
      elected.forEach((partition, error) -> shown.put(partition.toString(), String.valueOf(error)));
      return shown;
    });
    step("reassigned", () -> each(admin.alterPartitionReassignments(Map.of(new TopicPartition("story", 0),
        Optional.of(new NewPartitionReassignment(List.of(1))), new TopicPartition("story", 1),
        Optional.of(new NewPartitionReassignment(List.of(9))), new TopicPartition("nothing", 0), Optional.empty())).values()));
    step("being reassigned", () -> admin.listPartitionReassignments().reassignments().get());
  }

  private static void places(Admin admin) {
    step("log directories", () -> settled(() -> {
      final Map<String, String> shown = new TreeMap<>();
      admin.describeLogDirs(List.of(1)).allDescriptions().get().get(1).forEach((path, directory) -> shown.put(path,
          directory.error() + " " + new TreeMap<>(Map.of("story", directory.replicaInfos().keySet().stream()
              .filter(partition -> partition.topic().equals("story")).count()))));
      return shown;
    }, shown -> shown.toString().contains("story=5")));
    final TopicPartitionReplica replica = new TopicPartitionReplica("story", 0, 1);
    step("replica's place", () -> each(admin.describeReplicaLogDirs(List.of(replica)).values()));
    step("replica moved to nowhere", () -> each(admin.alterReplicaLogDirs(Map.of(replica, "/no/such/place")).values()));
    step("deleted", () -> each(admin.deleteTopics(List.of("story", "nothing")).topicNameValues()));
    step("deleted by id", () -> {
      final Uuid id = described(admin, "placed", 2).topicId();
      return each(admin.deleteTopics(TopicCollection.ofTopicIds(List.of(id, Uuid.ONE_UUID))).topicIdValues());
    });
  }

  private static void controller(Admin admin) {
    step("controller: cluster", () -> {
      final DescribeClusterResult result = admin.describeCluster();
      return result.clusterId().get() + " " + result.controller().get() + " " + result.nodes().get();
    });
    step("controller: quorum", () -> admin.describeMetadataQuorum().quorumInfo().get().leaderId());
    step("controller: broker keys", () -> each(admin.incrementalAlterConfigs(alter(BROKER, "num.io.threads", "9",
        AlterConfigOp.OpType.SET)).values()));
    step("controller: features", () -> new TreeMap<>(admin.describeFeatures().featureMetadata().get().finalizedFeatures()));
  }

  private static Admin connect(String key, String address) {
    final Properties properties = new Properties();
    properties.put(key, address);
    properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, "20000");
    properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, "10000");
    return Admin.create(properties);
  }

  public static void main(String[] words) {
    try (Admin admin = connect(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, words[0])) {
      for (java.util.function.Consumer<Admin> part : Arrays.<java.util.function.Consumer<Admin>>asList(AdminStory::topics,
          AdminStory::configurations, AdminStory::quotas, AdminStory::cluster, AdminStory::places)) {
        part.accept(admin);
      }
    }
    try (Admin admin = connect(AdminClientConfig.BOOTSTRAP_CONTROLLERS_CONFIG, words[1])) {
      controller(admin);
    }
  }
}
