package org.apache.kafka.controller;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.PrintStream;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import kafka.server.ControllerApis;
import kafka.server.ControllerConfigurationValidator;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.AlterPartitionRequestData;
import org.apache.kafka.common.message.AssignReplicasToDirsRequestData;
import org.apache.kafka.common.message.BrokerHeartbeatRequestData;
import org.apache.kafka.common.message.BrokerHeartbeatResponseData;
import org.apache.kafka.common.message.BrokerRegistrationRequestData;
import org.apache.kafka.common.message.BrokerRegistrationResponseData;
import org.apache.kafka.common.message.ControllerRegistrationRequestData;
import org.apache.kafka.common.message.ControllerRegistrationResponseData;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.ElectLeadersRequestData;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.message.UnregisterBrokerRequestData;
import org.apache.kafka.common.message.UnregisterBrokerResponseData;
import org.apache.kafka.common.message.UnregisterControllerRequestData;
import org.apache.kafka.common.message.UnregisterControllerResponseData;
import org.apache.kafka.common.metadata.MetadataJsonConverters;
import org.apache.kafka.common.metadata.NoOpRecord;
import org.apache.kafka.common.metadata.PartitionChangeRecord;
import org.apache.kafka.common.metadata.PartitionRecord;
import org.apache.kafka.common.metadata.TopicRecord;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.MetadataRecordSerde;
import org.apache.kafka.metadata.PartitionRegistration;
import org.apache.kafka.metadata.Replicas;
import org.apache.kafka.metadata.bootstrap.BootstrapMetadata;
import org.apache.kafka.raft.Batch;
import org.apache.kafka.raft.BatchReader;
import org.apache.kafka.raft.LeaderAndEpoch;
import org.apache.kafka.raft.RaftClient;
import org.apache.kafka.server.common.ApiMessageAndVersion;
import org.apache.kafka.server.common.Feature;
import org.apache.kafka.server.common.KRaftVersion;
import org.apache.kafka.server.common.MetadataVersion;
import org.apache.kafka.server.fault.FaultHandler;

/**
 * The reference's end: a controller of its own with a log in memory takes the steps of a script and prints what it answers
 * and writes, a line a step. It stands in the controller's package because tasks of time are not public.
 */
public final class Decisions {
    private static final int NODE = 100;
    private static final long NEVER_MS = TimeUnit.DAYS.toMillis(30_000);

    private final HandTime time = new HandTime();
    private final MemoryLog log = new MemoryLog(() -> this.controller.replicationControl());
    private QuorumController controller;
    private ControllerApis apis;
    private final Set<BrokerIdAndEpoch> heard = new HashSet<>();

    private Decisions() {
    }

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        Decisions decisions = null;
        try (BufferedReader script = Files.newBufferedReader(folder.resolve("script"));
             PrintStream out = new PrintStream(Files.newOutputStream(folder.resolve("theirs")), false,
                 StandardCharsets.UTF_8)) {
            for (String line = script.readLine(); line != null; line = script.readLine()) {
                String[] words = line.split(" ");
                if (words[0].equals("start")) {
                    if (decisions != null) decisions.controller.close();
                    decisions = new Decisions();
                    decisions.start(words);
                    out.println("ok");
                } else {
                    out.println(decisions.take(words));
                }
            }
        }
        System.exit(0);
    }

    private void start(String[] words) throws Exception {
        MetadataVersion version = MetadataVersion.fromFeatureLevel(Short.parseShort(words[1]));
        boolean elr = Boolean.parseBoolean(words[2]);
        Map<String, Object> properties = new HashMap<>();
        properties.put("node.id", String.valueOf(NODE));
        properties.put("process.roles", "controller");
        properties.put("controller.quorum.voters", NODE + "@localhost:9093");
        properties.put("listeners", "CONTROLLER://localhost:9093");
        properties.put("controller.listener.names", "CONTROLLER");
        KafkaConfig config = new KafkaConfig(properties, false);
        Map<String, Short> features = new HashMap<>();
        for (Feature feature : Feature.PRODUCTION_FEATURES) {
            short level = feature.defaultLevel(version);
            if (level > 0 && (elr || !feature.featureName().equals("eligible.leader.replicas.version"))) {
                features.put(feature.featureName(), level);
            }
        }
        // Whoever waits for an answer would wait for ever.
        FaultHandler faults = (text, cause) -> {
            System.err.println(text);
            cause.printStackTrace();
            Runtime.getRuntime().halt(1);
            return new IllegalStateException(text, cause);
        };
        QuorumController.Builder builder = new QuorumController.Builder(NODE, "cluster");
        builder.setTime(time);
        builder.setRaftClient(log.client());
        builder.setNonFatalFaultHandler(faults);
        builder.setFatalFaultHandler(faults);
        builder.setQuorumFeatures(new QuorumFeatures(NODE, QuorumFeatures.defaultSupportedFeatureMap(true), List.of(NODE)));
        builder.setConfigSchema(KafkaRaftServer.configSchema());
        builder.setConfigurationValidator(new ControllerConfigurationValidator(config));
        builder.setStaticConfig(config.originals());
        builder.setBootstrapMetadata(BootstrapMetadata.fromVersions(version, features, "test"));
        builder.setDefaultReplicationFactor((short) 1);
        builder.setDefaultNumPartitions(1);
        builder.setFenceStaleBrokerIntervalNs(TimeUnit.MILLISECONDS.toNanos(NEVER_MS));
        builder.setUncleanLeaderElectionCheckIntervalMs(NEVER_MS);
        builder.setDelegationTokenExpiryCheckIntervalMs(NEVER_MS);
        builder.setControllerPerformanceSamplePeriodMs(NEVER_MS);
        builder.setControllerPerformanceAlwaysLogThresholdMs(NEVER_MS);
        controller = builder.build();
        apis = new ControllerApis(null, scala.Option.empty(), null, time, controller, null, config, "cluster", null, null,
            null);
        log.lead();
        write(List.of(new ApiMessageAndVersion(new NoOpRecord(), (short) 0)));
        // From here on both ends count the same offsets.
        log.next = Long.parseLong(words[3]) - 1;
        write(List.of(new ApiMessageAndVersion(new NoOpRecord(), (short) 0)));
    }

    private void write(List<ApiMessageAndVersion> records) throws Exception {
        controller.appendWriteEvent("records", OptionalLong.empty(), () -> ControllerResult.atomicOf(records, null)).get();
    }

    private String take(String[] words) throws Exception {
        log.written.clear();
        switch (words[0]) {
            case "ask":
                return ask(words) + written();
            case "task":
                return task(words) + written();
            case "pass":
                time.now += Long.parseLong(words[1]);
                return "ok";
            case "record":
                List<ApiMessageAndVersion> records = new ArrayList<>();
                for (int i = 1; i < words.length; i++) {
                    ByteBuffer bytes = ByteBuffer.wrap(HexFormat.of().parseHex(words[i]));
                    records.add(new MetadataRecordSerde().read(new ByteBufferAccessor(bytes), bytes.remaining()));
                }
                write(records);
                return "ok";
            default:
                throw new IllegalArgumentException(words[0]);
        }
    }

    private String written() {
        StringBuilder text = new StringBuilder();
        for (ApiMessageAndVersion record : log.written) {
            text.append('\t').append(record.message().getClass().getSimpleName()).append(' ').append(record.version())
                .append(' ').append(MetadataJsonConverters.writeJson(record.message(), record.version()));
        }
        return text.toString();
    }

    private String task(String[] words) throws Exception {
        QuorumController.ControllerWriteOperation<Boolean> operation;
        if (words[1].equals("silence")) {
            BrokerIdAndEpoch chosen = words.length < 4 ? null
                : new BrokerIdAndEpoch(Integer.parseInt(words[2]), Long.parseLong(words[3]));
            operation = () -> fence(chosen);
        } else if (words[1].equals("preferred")) {
            operation = controller.replicationControl()::maybeBalancePartitionLeaders;
        } else {
            operation = controller.replicationControl()::maybeElectUncleanLeaders;
        }
        controller.appendWriteEvent(words[1], OptionalLong.empty(), operation).get();
        return "done";
    }

    /** Which of several silent brokers is found first is a matter of a hash table: here it is the one that was chosen. */
    private ControllerResult<Boolean> fence(BrokerIdAndEpoch chosen) {
        BrokerHeartbeatTracker tracker = controller.clusterControl().heartbeatManager().tracker();
        Map<BrokerIdAndEpoch, Long> hidden = new HashMap<>();
        for (BrokerIdAndEpoch each : heard) {
            if (!each.equals(chosen) && tracker.contactTime(each).isPresent()) {
                hidden.put(each, tracker.contactTime(each).getAsLong());
                tracker.updateContactTime(each, time.now);
            }
        }
        ControllerResult<Boolean> result = controller.replicationControl().maybeFenceOneStaleBroker();
        hidden.forEach(tracker::updateContactTime);
        return result;
    }

    private String ask(String[] words) throws Exception {
        ApiKeys key = ApiKeys.forId(Integer.parseInt(words[1]));
        short version = Short.parseShort(words[2]);
        ByteBuffer bytes = ByteBuffer.wrap(words.length > 3 ? HexFormat.of().parseHex(words[3]) : new byte[0]);
        log.ids.clear();
        for (int i = 4; i < words.length; i++) {
            int equal = words[i].indexOf('=');
            log.ids.put(words[i].substring(0, equal), Uuid.fromString(words[i].substring(equal + 1)));
        }
        AbstractRequest request = AbstractRequest.parseRequest(key, version, new ByteBufferAccessor(bytes)).request;
        RequestHeaderData header = new RequestHeaderData().setRequestApiKey(key.id).setRequestApiVersion(version);
        ControllerRequestContext context =
            new ControllerRequestContext(header, KafkaPrincipal.ANONYMOUS, OptionalLong.empty());
        ApiMessage response;
        try {
            response = perform(key, version, context, request.data());
        } catch (ExecutionException failed) {
            response = request.getErrorResponse(0, failed.getCause()).data();
        }
        return json(response, version).toString();
    }

    private ApiMessage perform(ApiKeys key, short version, ControllerRequestContext context, ApiMessage data)
        throws Exception {
        switch (key) {
            case CREATE_TOPICS:
                return apis.createTopics(context, (CreateTopicsRequestData) data, true, Decisions::all, Decisions::all,
                    false).get();
            case DELETE_TOPICS: {
                DeleteTopicsResponseData response = new DeleteTopicsResponseData();
                apis.deleteTopics(context, (DeleteTopicsRequestData) data, version, true, Decisions::all, Decisions::all)
                    .get().forEach(response.responses()::add);
                return response;
            }
            case CREATE_PARTITIONS:
                return new CreatePartitionsResponseData().setResults(
                    apis.createPartitions(context, (CreatePartitionsRequestData) data, Decisions::all).get());
            case ELECT_LEADERS:
                return controller.electLeaders(context, (ElectLeadersRequestData) data).get();
            case ALTER_PARTITION:
                return controller.alterPartition(context, (AlterPartitionRequestData) data).get();
            case ALTER_PARTITION_REASSIGNMENTS:
                return controller.alterPartitionReassignments(context,
                    (AlterPartitionReassignmentsRequestData) data).get();
            case LIST_PARTITION_REASSIGNMENTS:
                return controller.listPartitionReassignments(context, (ListPartitionReassignmentsRequestData) data).get();
            case ASSIGN_REPLICAS_TO_DIRS:
                return controller.assignReplicasToDirs(context, (AssignReplicasToDirsRequestData) data).get();
            case BROKER_REGISTRATION:
                return new BrokerRegistrationResponseData().setBrokerEpoch(
                    controller.registerBroker(context, (BrokerRegistrationRequestData) data).get().epoch());
            case BROKER_HEARTBEAT: {
                BrokerHeartbeatRequestData beat = (BrokerHeartbeatRequestData) data;
                heard.add(new BrokerIdAndEpoch(beat.brokerId(), beat.brokerEpoch()));
                var reply = controller.processBrokerHeartbeat(context, (BrokerHeartbeatRequestData) data).get();
                return new BrokerHeartbeatResponseData().setIsCaughtUp(reply.isCaughtUp()).setIsFenced(reply.isFenced())
                    .setShouldShutDown(reply.shouldShutDown());
            }
            case UNREGISTER_BROKER:
                controller.unregisterBroker(context, ((UnregisterBrokerRequestData) data).brokerId()).get();
                return new UnregisterBrokerResponseData();
            case CONTROLLER_REGISTRATION:
                controller.registerController(context, (ControllerRegistrationRequestData) data).get();
                return new ControllerRegistrationResponseData();
            case UNREGISTER_CONTROLLER:
                controller.unregisterController(context, ((UnregisterControllerRequestData) data).controllerId()).get();
                return new UnregisterControllerResponseData();
            default:
                throw new IllegalArgumentException(key.name);
        }
    }

    private static Set<String> all(Collection<String> names) {
        return new HashSet<>(names);
    }

    private static JsonNode json(ApiMessage message, short version) throws Exception {
        Class<?> converter = Class.forName(message.getClass().getName() + "JsonConverter");
        return (JsonNode) converter.getMethod("write", message.getClass(), short.class).invoke(null, message, version);
    }

    /** A clock that the script moves. */
    private static final class HandTime implements Time {
        private volatile long now = TimeUnit.HOURS.toNanos(1);

        @Override
        public long milliseconds() {
            return TimeUnit.NANOSECONDS.toMillis(now);
        }

        @Override
        public long nanoseconds() {
            return now;
        }

        @Override
        public void sleep(long ms) {
            throw new UnsupportedOperationException();
        }
    }

    /** The quorum's log: one voter, whose records are committed as soon as they are written. */
    private static final class MemoryLog {
        private final List<ApiMessageAndVersion> written = new ArrayList<>();
        private final Map<String, Uuid> ids = new HashMap<>();
        private volatile long next = 0;
        private List<ApiMessageAndVersion> prepared = List.of();
        private RaftClient.Listener<ApiMessageAndVersion> listener;
        private final Supplier<ReplicationControlManager> replication;

        MemoryLog(Supplier<ReplicationControlManager> replication) {
            this.replication = replication;
        }

        void lead() {
            listener.handleLeaderChange(new LeaderAndEpoch(OptionalInt.of(NODE), 1));
        }

        @SuppressWarnings("unchecked")
        RaftClient<ApiMessageAndVersion> client() {
            return (RaftClient<ApiMessageAndVersion>) Proxy.newProxyInstance(Decisions.class.getClassLoader(),
                new Class<?>[] {RaftClient.class}, (proxy, method, arguments) -> {
                    switch (method.getName()) {
                        case "register":
                            listener = (RaftClient.Listener<ApiMessageAndVersion>) arguments[0];
                            return null;
                        case "leaderAndEpoch":
                            return new LeaderAndEpoch(OptionalInt.of(NODE), 1);
                        case "logEndOffset":
                            return next;
                        case "kraftVersion":
                            return KRaftVersion.KRAFT_VERSION_1;
                        case "prepareAppend":
                            return prepare((List<ApiMessageAndVersion>) arguments[1]);
                        case "schedulePreparedAppend":
                            commit();
                            return null;
                        case "nodeId":
                            return OptionalInt.of(NODE);
                        case "resign":
                            throw new IllegalStateException("the controller gave up");
                        default:
                            throw new UnsupportedOperationException(method.getName());
                    }
                });
        }

        // New topics get the ids that the other end gave them.
        private long prepare(List<ApiMessageAndVersion> records) {
            Map<Uuid, Uuid> renamed = new HashMap<>();
            for (ApiMessageAndVersion record : records) {
                if (record.message() instanceof TopicRecord topic && ids.containsKey(topic.name())) {
                    renamed.put(topic.topicId(), ids.get(topic.name()));
                    topic.setTopicId(ids.get(topic.name()));
                } else if (record.message() instanceof PartitionRecord partition
                    && renamed.containsKey(partition.topicId())) {
                    partition.setTopicId(renamed.get(partition.topicId()));
                }
            }
            records.forEach(record -> mend(record.message()));
            prepared = List.copyOf(records);
            written.addAll(records);
            return next + records.size() - 1;
        }

        // Whoever is no replica any more is not eligible either. The reference forgets that when a reassignment ends, and
        // stops deciding when it finds such a last leader.
        private void mend(ApiMessage message) {
            if (!(message instanceof PartitionChangeRecord change)) {
                return;
            }
            PartitionRegistration now = replication.get().getPartition(change.topicId(), change.partitionId());
            List<Integer> replicas = change.replicas() != null ? change.replicas() : Replicas.toList(now.replicas);
            change.setEligibleLeaderReplicas(among(replicas, change.eligibleLeaderReplicas(), Replicas.toList(now.elr)));
            change.setLastKnownElr(among(replicas, change.lastKnownElr(), Replicas.toList(now.lastKnownElr)));
        }

        private static List<Integer> among(List<Integer> replicas, List<Integer> told, List<Integer> before) {
            List<Integer> left = new ArrayList<>(told != null ? told : before);
            if (!left.retainAll(replicas)) {
                return told;
            }
            return left.equals(before) ? null : left;
        }

        private void commit() {
            long base = next;
            next += prepared.size();
            Batch<ApiMessageAndVersion> batch = Batch.data(base, 1, 0, 1, prepared);
            listener.handleCommit(new OneBatch(batch));
        }
    }

    private static final class OneBatch implements BatchReader<ApiMessageAndVersion> {
        private final Batch<ApiMessageAndVersion> batch;
        private boolean read = false;

        OneBatch(Batch<ApiMessageAndVersion> batch) {
            this.batch = batch;
        }

        @Override
        public long baseOffset() {
            return batch.baseOffset();
        }

        @Override
        public OptionalLong lastOffset() {
            return OptionalLong.of(batch.lastOffset());
        }

        @Override
        public boolean hasNext() {
            return !read;
        }

        @Override
        public Batch<ApiMessageAndVersion> next() {
            read = true;
            return batch;
        }

        @Override
        public void close() {
        }
    }
}
