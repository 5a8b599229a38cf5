import java.time.Duration;
import java.util.ArrayList;
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
import org.apache.kafka.clients.admin.AlterReplicaLogDirsOptions;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateDelegationTokenOptions;
import org.apache.kafka.clients.admin.CreatePartitionsOptions;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.DeleteRecordsOptions;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeClusterResult;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.DescribeDelegationTokenOptions;
import org.apache.kafka.clients.admin.DescribeLogDirsOptions;
import org.apache.kafka.clients.admin.DescribeProducersOptions;
import org.apache.kafka.clients.admin.DescribeProducersResult;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.ExpireDelegationTokenOptions;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.ListConfigResourcesOptions;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.ListPartitionReassignmentsOptions;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.QuorumInfo;
import org.apache.kafka.clients.admin.RaftVoterEndpoint;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;
import org.apache.kafka.clients.admin.UserScramCredentialDeletion;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionReplica;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AccessControlEntryFilter;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.quota.ClientQuotaFilter;
import org.apache.kafka.common.quota.ClientQuotaFilterComponent;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourcePatternFilter;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * One use after the other of the admin client: AdminStory BOOTSTRAP CONTROLLER. A line is a heading, a tab, and what came.
 * At the end a line for each method that the client has: whether the story called it.
 */
public final class AdminStory {
  private AdminStory() {}

  private static final ConfigResource TOPIC = new ConfigResource(ConfigResource.Type.TOPIC, "story");
  private static final ConfigResource SUBSCRIPTION = new ConfigResource(ConfigResource.Type.CLIENT_METRICS, "story-metrics");
  private static final ConfigResource BROKER = new ConfigResource(ConfigResource.Type.BROKER, "1");
  private static final int SHORT = 1500;  // milliseconds, for what is asked again and again until time is up
  private static final AskedMethods asked = new AskedMethods();
  private static int steps = 0;

  private static void step(String heading, Callable<Object> work) {
    String text;
    try {
      text = String.valueOf(work.call());
    } catch (ExecutionException failed) {
      text = "failed: " + shown(failed.getCause());
    } catch (Exception failed) {
      text = "failed: " + failed.getClass().getName() + ": " + failed.getMessage();
    }
    System.out.println("admin " + steps++ + ", " + heading + "\t" + text.replace("\n", " / "));
  }

  /** A failure; of one by time, which tells how often it tried, only its kind. */
  private static String shown(Throwable failed) {
    return failed.getClass().getName() + (failed instanceof TimeoutException ? "" : ": " + failed.getMessage());
  }

  /** What each future of a map gave, by its key. */
  private static <K, V> Map<String, String> each(Map<K, KafkaFuture<V>> futures) throws InterruptedException {
    final Map<String, String> outcomes = new TreeMap<>();
    for (Map.Entry<K, KafkaFuture<V>> entry : futures.entrySet()) {
      try {
        outcomes.put(entry.getKey().toString(), String.valueOf(entry.getValue().get()));
      } catch (ExecutionException failed) {
        outcomes.put(entry.getKey().toString(), shown(failed.getCause()));
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
        new ListConfigResourcesOptions()).all().get()));
    step("client metrics resources", () -> admin.listConfigResources(Set.of(ConfigResource.Type.CLIENT_METRICS),
        new ListConfigResourcesOptions()).all().get());
    step("resources of no kind that there is", () -> admin.listConfigResources(Set.of(ConfigResource.Type.UNKNOWN),
        new ListConfigResourcesOptions()).all().get());
    step("all resources", () -> settled(() -> admin.listConfigResources().all().get().stream().map(Object::toString)
        .filter(text -> text.contains("story") || text.contains("grp2")).sorted().toList(), found -> found.size() == 2));
    step("a subscription", () -> each(admin.incrementalAlterConfigs(alter(SUBSCRIPTION, "interval.ms", "1000",
        AlterConfigOp.OpType.SET)).values()));
    step("a subscription, wrongly", () -> each(admin.incrementalAlterConfigs(alter(SUBSCRIPTION, "match", "x=y",
        AlterConfigOp.OpType.SET)).values()));
    step("subscriptions", () -> subscriptions(admin));
    step("described subscription", () -> settledConfigs(admin, List.of(SUBSCRIPTION), List.of("1000")));
    step("described, what is not there", () -> each(admin.describeConfigs(List.of(new ConfigResource(
        ConfigResource.Type.TOPIC, "nothing"))).values()));
  }

  @SuppressWarnings({"deprecation", "removal"})
  private static Object subscriptions(Admin admin) throws Exception {
    return settled(() -> admin.listClientMetricsResources().all().get(), found -> found.toString().contains("story-metrics"));
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
    step("credentials of nobody", () -> admin.describeUserScramCredentials(List.of("nobody", "story-ann")).users().get());
    step("all credentials", () -> admin.describeUserScramCredentials().users().get());
    step("credentials, wrongly", () -> each(admin.alterUserScramCredentials(List.of(
        new UserScramCredentialUpsertion("story-ann", new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 5), "secret"),
        new UserScramCredentialUpsertion("story-bob", new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 99999), "secret"),
        new UserScramCredentialUpsertion("", new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096), "secret"))).values()));
    step("all quotas", () -> admin.describeClientQuotas(ClientQuotaFilter.all()).entities().get().keySet().stream()
        .map(Object::toString).filter(text -> text.contains("story")).sorted().toList());
    step("quotas of what has none", () -> admin.describeClientQuotas(ClientQuotaFilter.contains(List.of(
        ClientQuotaFilterComponent.ofEntity("nothing", "x")))).entities().get());
    step("a quota less", () -> each(admin.alterClientQuotas(List.of(new ClientQuotaAlteration(ann,
        List.of(new ClientQuotaAlteration.Op("producer_byte_rate", null))))).values()));
  }

  private static void security(Admin admin, String where) {
    final AclBinding rule = new AclBinding(new ResourcePattern(ResourceType.TOPIC, "story", PatternType.LITERAL),
        new AccessControlEntry("User:ann", "*", AclOperation.READ, AclPermissionType.ALLOW));
    final AclBindingFilter filter = new AclBindingFilter(new ResourcePatternFilter(ResourceType.TOPIC, "story", PatternType.ANY),
        AccessControlEntryFilter.ANY);
    final KafkaPrincipal ann = new KafkaPrincipal(KafkaPrincipal.USER_TYPE, "ann");
    step(where + "rules", () -> admin.describeAcls(AclBindingFilter.ANY).values().get());
    step(where + "rules of a topic", () -> admin.describeAcls(filter).values().get());
    step(where + "no rules made", () -> each(admin.createAcls(Collections.<AclBinding>emptyList()).values()));
    step(where + "a rule made", () -> each(admin.createAcls(List.of(rule)).values()));
    step(where + "rules taken back", () -> each(admin.deleteAcls(List.of(filter, AclBindingFilter.ANY)).values()));
    step(where + "no rules taken back", () -> each(admin.deleteAcls(Collections.<AclBindingFilter>emptyList()).values()));
    step(where + "tokens", () -> admin.describeDelegationToken().delegationTokens().get());
    step(where + "tokens of one", () -> admin.describeDelegationToken(
        new DescribeDelegationTokenOptions().owners(List.of(ann))).delegationTokens().get());
    step(where + "a token", () -> admin.createDelegationToken().delegationToken().get());
    step(where + "a token for another", () -> admin.createDelegationToken(new CreateDelegationTokenOptions().owner(ann)
        .renewers(List.of(ann)).maxLifetimeMs(1000)).delegationToken().get());
    step(where + "a token is renewed", () -> admin.renewDelegationToken(new byte[] {1, 2, 3}).expiryTimestamp().get());
    step(where + "a token ends", () -> admin.expireDelegationToken(new byte[] {1, 2, 3},
        new ExpireDelegationTokenOptions().expiryTimePeriodMs(-1)).expiryTimestamp().get());
  }

  private static void write(String address) throws Exception {
    final Properties properties = new Properties();
    properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, address);
    properties.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, StringSerializer.class.getName());
    properties.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, StringSerializer.class.getName());
    try (KafkaProducer<String, String> producer = new KafkaProducer<>(properties)) {
      for (long at : new long[] {1000, 3000, 2000}) {
        producer.send(new ProducerRecord<>("records", 0, at, "key", "of " + at)).get();
        producer.send(new ProducerRecord<>("records", 1, at, "key", "of " + at)).get();
      }
    }
  }

  private static void records(Admin admin, String address) {
    final TopicPartition first = new TopicPartition("records", 0);
    final TopicPartition second = new TopicPartition("records", 1);
    final TopicPartition beyond = new TopicPartition("records", 9);
    final TopicPartition compacted = new TopicPartition("compacted", 0);
    final TopicPartition nothing = new TopicPartition("nothing", 0);
    step("topics for records", () -> each(admin.createTopics(List.of(
        new NewTopic("records", 2, (short) 1).configs(Map.of("retention.ms", "-1")),
        new NewTopic("compacted", 1, (short) 1).configs(Map.of("cleanup.policy", "compact")))).values()));
    step("records written", () -> {
      described(admin, "records", 2);
      described(admin, "compacted", 1);
      write(address);
      return "all";
    });
    final Map<String, OffsetSpec> asks = new TreeMap<>(Map.of("earliest", OffsetSpec.earliest(), "latest", OffsetSpec.latest(),
        "largest time", OffsetSpec.maxTimestamp(), "time 1500", OffsetSpec.forTimestamp(1500), "time 9999",
        OffsetSpec.forTimestamp(9999), "earliest local", OffsetSpec.earliestLocal(), "latest tiered", OffsetSpec.latestTiered(),
        "earliest pending upload", OffsetSpec.earliestPendingUpload()));
    for (Map.Entry<String, OffsetSpec> ask : asks.entrySet()) {
      step("offsets, " + ask.getKey(), () -> {
        final ListOffsetsResult found = admin.listOffsets(Map.of(first, ask.getValue(), second, ask.getValue()));
        return found.partitionResult(first).get() + " " + found.partitionResult(second).get();
      });
      step("offsets of what is committed, " + ask.getKey(), () -> admin.listOffsets(Map.of(first, ask.getValue(), compacted,
          ask.getValue()), new ListOffsetsOptions(IsolationLevel.READ_COMMITTED)).all().get());
    }
    step("offsets of nothing", () -> admin.listOffsets(Map.of(nothing, OffsetSpec.latest()),
        new ListOffsetsOptions().timeoutMs(SHORT)).partitionResult(nothing).get());
    step("producers", () -> {
      final DescribeProducersResult found = admin.describeProducers(List.of(first, compacted));
      final ProducerState state = found.partitionResult(first).get().activeProducers().get(0);
      return state.producerEpoch() + " " + state.lastSequence() + " " + state.lastTimestamp() + " " + state.coordinatorEpoch()
          + " " + state.currentTransactionStartOffset() + " " + found.partitionResult(compacted).get().activeProducers();
    });
    step("producers, of a broker", () -> admin.describeProducers(List.of(second),
        new DescribeProducersOptions().brokerId(1)).partitionResult(second).get().activeProducers().size());
    step("producers, of nothing", () -> admin.describeProducers(List.of(nothing),
        new DescribeProducersOptions().brokerId(1).timeoutMs(SHORT)).partitionResult(nothing).get());
    step("records deleted", () -> admin.deleteRecords(Map.of(first, RecordsToDelete.beforeOffset(1), second,
        RecordsToDelete.beforeOffset(-1))).lowWatermarks().get(first).get().lowWatermark());
    step("records deleted to the end", () -> admin.deleteRecords(Map.of(second, RecordsToDelete.beforeOffset(3)))
        .lowWatermarks().get(second).get().lowWatermark());
    step("records deleted that are not there", () -> each(admin.deleteRecords(Map.of(first, RecordsToDelete.beforeOffset(99),
        second, RecordsToDelete.beforeOffset(-2), compacted, RecordsToDelete.beforeOffset(0))).lowWatermarks()));
    step("records deleted of nothing", () -> each(admin.deleteRecords(Map.of(nothing, RecordsToDelete.beforeOffset(1),
        beyond, RecordsToDelete.beforeOffset(1)), new DeleteRecordsOptions().timeoutMs(SHORT)).lowWatermarks()));
    step("offsets after that", () -> new TreeMap<>(Map.of("first", admin.listOffsets(Map.of(first, OffsetSpec.earliest())).all().get(),
        "second", admin.listOffsets(Map.of(second, OffsetSpec.earliest())).all().get())));
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
    step("features go down", () -> each(admin.updateFeatures(Map.of("share.version",
        new FeatureUpdate((short) 0, FeatureUpdate.UpgradeType.UNSAFE_DOWNGRADE)), new UpdateFeaturesOptions()).values()));
    step("features go up", () -> each(admin.updateFeatures(Map.of("share.version",
        new FeatureUpdate((short) 2, FeatureUpdate.UpgradeType.UPGRADE)), new UpdateFeaturesOptions()).values()));
    step("features too high", () -> each(admin.updateFeatures(Map.of("metadata.version",
        new FeatureUpdate((short) 99, FeatureUpdate.UpgradeType.UPGRADE), "group.version",
        new FeatureUpdate((short) 0, FeatureUpdate.UpgradeType.SAFE_DOWNGRADE)), new UpdateFeaturesOptions()).values()));
    step("quorum", () -> {
      final QuorumInfo info = admin.describeMetadataQuorum().quorumInfo().get();
      return info.leaderId() + " " + info.voters().size() + " " + info.observers().size() + " " + info.nodes();
    });
    step("a voter more", () -> admin.addRaftVoter(7, Uuid.ONE_UUID, Set.of(new RaftVoterEndpoint("CONTROLLER", "a", 1))).all().get());
    step("a voter less", () -> admin.removeRaftVoter(7, Uuid.ONE_UUID).all().get());
    step("a broker less", () -> admin.unregisterBroker(7).all().get());
    step("a controller less", () -> admin.unregisterController(7).all().get());
    step("the client itself", () -> admin.clientInstanceId(Duration.ofMillis(SHORT)));
    step("the client's metrics", () -> admin.metrics().isEmpty());
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
    step("elected uncleanly", () -> electedUncleanly(admin));
    step("all leaders", () -> new TreeMap<>(Map.of("failed", admin.electLeaders(ElectionType.PREFERRED, null).partitions().get()
        .entrySet().stream().filter(each -> each.getKey().topic().equals("story") && each.getValue().isPresent()).count())));
    step("being reassigned", () -> admin.listPartitionReassignments().reassignments().get());
    step("being reassigned, of some", () -> admin.listPartitionReassignments(Set.of(new TopicPartition("story", 0),
        new TopicPartition("nothing", 0))).reassignments().get());
    step("being reassigned, of all", () -> admin.listPartitionReassignments(Optional.empty(),
        new ListPartitionReassignmentsOptions()).reassignments().get());
    step("reassignment broken off", () -> each(admin.alterPartitionReassignments(Map.of(new TopicPartition("story", 2),
        Optional.empty())).values()));
  }

  private static Object electedUncleanly(Admin admin) throws Exception {
    final TopicPartition partition = new TopicPartition("story", 0);
    final Optional<Throwable> failed = admin.electLeaders(ElectionType.UNCLEAN, Set.of(partition)).partitions().get().get(partition);
    return failed.map(AdminStory::shown);
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
    step("places of what is not there", () -> each(admin.describeReplicaLogDirs(List.of(new TopicPartitionReplica("nothing", 0, 1),
        new TopicPartitionReplica("story", 99, 1))).values()));
    step("log directories of nobody", () -> each(admin.describeLogDirs(List.of(9),
        new DescribeLogDirsOptions().timeoutMs(SHORT)).descriptions()));
    step("replica moved to where it is", () -> {
      final String here = admin.describeLogDirs(List.of(1)).allDescriptions().get().get(1).keySet().iterator().next();
      return each(admin.alterReplicaLogDirs(Map.of(replica, here, new TopicPartitionReplica("nothing", 0, 1), here)).values());
    });
    step("replica of nobody moved", () -> each(admin.alterReplicaLogDirs(Map.of(new TopicPartitionReplica("story", 0, 9), "/x"),
        new AlterReplicaLogDirsOptions().timeoutMs(SHORT)).values()));
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
    step("controller: features checked", () -> each(admin.updateFeatures(Map.of("group.version",
        new FeatureUpdate((short) 0, FeatureUpdate.UpgradeType.SAFE_DOWNGRADE)), new UpdateFeaturesOptions().validateOnly(true)).values()));
    step("controller: configs", () -> settledConfigs(admin, List.of(BROKER), List.of("ConfigEntry(name=num.io.threads, value=9")));
    step("controller: topics", () -> each(admin.createTopics(List.of(new NewTopic("there", 1, (short) 1))).values()));
    step("controller: all topics", () -> admin.listTopics().names().get());
    step("controller: quotas", () -> each(admin.alterClientQuotas(List.of(new ClientQuotaAlteration(
        new ClientQuotaEntity(Map.of(ClientQuotaEntity.USER, "there")),
        List.of(new ClientQuotaAlteration.Op("producer_byte_rate", 10.0))))).values()));
    step("controller: credentials", () -> admin.describeUserScramCredentials().users().get());
    step("controller: leaders", () -> admin.electLeaders(ElectionType.PREFERRED, Set.of(new TopicPartition("records", 0)))
        .partitions().get().keySet());
    step("controller: reassigned", () -> each(admin.alterPartitionReassignments(Map.of(new TopicPartition("records", 0),
        Optional.of(new NewPartitionReassignment(List.of(1))))).values()));
    step("controller: being reassigned", () -> admin.listPartitionReassignments().reassignments().get());
    step("controller: a voter more", () -> admin.addRaftVoter(7, Uuid.ONE_UUID,
        Set.of(new RaftVoterEndpoint("CONTROLLER", "a", 1))).all().get());
    step("controller: a voter less", () -> admin.removeRaftVoter(7, Uuid.ONE_UUID).all().get());
    step("controller: a broker less", () -> admin.unregisterBroker(7).all().get());
    step("controller: a controller less", () -> admin.unregisterController(7).all().get());
    security(admin, "controller: ");
  }

  private static Admin connect(String key, String address) {
    final Properties properties = new Properties();
    properties.put(key, address);
    properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, "20000");
    properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, "10000");
    return asked.watched(Admin.create(properties));
  }

  public static void main(String[] words) {
    try (Admin admin = connect(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, words[0])) {
      topics(admin);
      configurations(admin);
      quotas(admin);
      security(admin, "");
      records(admin, words[0]);
      cluster(admin);
      places(admin);
      admin.close(Duration.ofMillis(SHORT));
    }
    try (Admin admin = connect(AdminClientConfig.BOOTSTRAP_CONTROLLERS_CONFIG, words[1])) {
      controller(admin);
    }
    asked.all().forEach((method, called) -> System.out.println("method " + method + "\t" + (called ? "called" : "never")));
  }
}
