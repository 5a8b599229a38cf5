// Requests that mean something to a node with the topics `orders` and `keyed`, as JSON: one and more of each API that it
// serves. Fuzzers begin with them.
//
// $id stands for the id of the topic `orders`, $epoch for that of the broker's registration, $batch for records that can be appended, and $forwarded for a request of a
// client, as a broker passes it on.
#pragma once

#include <cstdint>
#include <string_view>

namespace ottla::server {

struct Sample {
  std::string_view api;
  std::int16_t version;
  std::string_view json;
};
inline constexpr Sample kSamples[] = {
    {"Produce", 13,
     R"({"transactionalId":null,"acks":-1,"timeoutMs":100,"topicData":[{"topicId":"$id","partitionData":[{"index":0,
     "records":"$batch"},{"index":1,"records":"$batch"}]}]})"},
    {"Produce", 3,
     R"({"transactionalId":null,"acks":1,"timeoutMs":100,"topicData":[{"name":"keyed","partitionData":[{"index":0,
     "records":"$batch"}]}]})"},
    {"Produce", 12,
     R"({"transactionalId":"t","acks":0,"timeoutMs":0,"topicData":[{"name":"orders","partitionData":[{"index":2,
     "records":"$batch"}]}]})"},
    {"Fetch", 18,
     R"({"maxWaitMs":50,"minBytes":1,"maxBytes":1048576,"isolationLevel":1,"sessionId":0,"sessionEpoch":0,"topics":[{
     "topicId":"$id","partitions":[{"partition":0,"currentLeaderEpoch":0,"fetchOffset":0,"lastFetchedEpoch":-1,
     "logStartOffset":-1,"partitionMaxBytes":65536}]}],"forgottenTopicsData":[],"rackId":""})"},
    {"Fetch", 4,
     R"({"replicaId":-1,"maxWaitMs":0,"minBytes":0,"maxBytes":1024,"isolationLevel":0,"topics":[{"topic":"orders",
     "partitions":[{"partition":0,"fetchOffset":0,"partitionMaxBytes":64}]}]})"},
    {"Fetch", 15,
     R"({"maxWaitMs":10,"minBytes":1,"maxBytes":1048576,"isolationLevel":0,"sessionId":1,"sessionEpoch":1,"topics":[],
     "forgottenTopicsData":[{"topicId":"$id","partitions":[0]}],"rackId":"","replicaState":{"replicaId":1,
     "replicaEpoch":5}})"},
    {"Fetch", 17,
     R"({"clusterId":null,"maxWaitMs":0,"minBytes":0,"maxBytes":65536,"isolationLevel":0,"sessionId":0,"sessionEpoch":-1,
     "topics":[{"topicId":"AAAAAAAAAAAAAAAAAAAAAQ","partitions":[{"partition":0,"currentLeaderEpoch":1,"fetchOffset":1,
     "lastFetchedEpoch":1,"logStartOffset":-1,"partitionMaxBytes":65536,"replicaDirectoryId":
     "zzzzzzzzQAmzzzzzzzzzzw"}]}],"forgottenTopicsData":[],"rackId":"","replicaState":{"replicaId":2,
     "replicaEpoch":-1}})"},
    {"ListOffsets", 11,
     R"({"replicaId":-1,"isolationLevel":1,"topics":[{"name":"orders","partitions":[{"partitionIndex":0,
     "currentLeaderEpoch":-1,"timestamp":-1},{"partitionIndex":1,"currentLeaderEpoch":0,"timestamp":1000}]}],
     "timeoutMs":100})"},
    {"OffsetForLeaderEpoch", 4,
     R"({"replicaId":-2,"topics":[{"topic":"orders","partitions":[{"partition":0,"currentLeaderEpoch":0,
     "leaderEpoch":0}]}]})"},
    {"DeleteRecords", 2,
     R"({"topics":[{"name":"orders","partitions":[{"partitionIndex":0,"offset":-1}]}],"timeoutMs":100})"},
    {"InitProducerId", 5,
     R"({"transactionalId":null,"transactionTimeoutMs":1000,"producerId":-1,"producerEpoch":-1})"},
    {"DescribeProducers", 0, R"({"topics":[{"name":"orders","partitionIndexes":[0,1]}]})"},
    {"Metadata", 13,
     R"({"topics":[{"topicId":"$id","name":null},{"topicId":"AAAAAAAAAAAAAAAAAAAAAA","name":"keyed"}],
     "allowAutoTopicCreation":true,"includeTopicAuthorizedOperations":true})"},
    {"DescribeTopicPartitions", 0,
     R"({"topics":[{"name":"orders"}],"responsePartitionLimit":2,"cursor":{"topicName":"orders",
     "partitionIndex":1}})"},
    {"CreateTopics", 7,
     R"({"topics":[{"name":"bills","numPartitions":2,"replicationFactor":1,"assignments":[],"configs":[{
     "name":"cleanup.policy","value":"compact"}]}],"timeoutMs":100,"validateOnly":false})"},
    {"DeleteTopics", 6,
     R"({"topics":[{"name":"bills","topicId":"AAAAAAAAAAAAAAAAAAAAAA"}],"timeoutMs":100})"},
    {"CreatePartitions", 3,
     R"({"topics":[{"name":"orders","count":5,"assignments":null}],"timeoutMs":100,"validateOnly":true})"},
    {"IncrementalAlterConfigs", 1,
     R"({"resources":[{"resourceType":2,"resourceName":"orders","configs":[{"name":"segment.bytes",
     "configOperation":0,"value":"1048576"}]},{"resourceType":4,"resourceName":"1","configs":[{"name":
     "log.cleaner.backoff.ms","configOperation":0,"value":"100"}]}],"validateOnly":false})"},
    {"AlterConfigs", 2,
     R"({"resources":[{"resourceType":2,"resourceName":"keyed","configs":[{"name":"cleanup.policy",
     "value":"compact"}]}],"validateOnly":false})"},
    {"DescribeConfigs", 4,
     R"({"resources":[{"resourceType":2,"resourceName":"orders","configurationKeys":null},{"resourceType":4,
     "resourceName":"1","configurationKeys":["log.dirs"]}],"includeSynonyms":true,"includeDocumentation":true})"},
    {"AlterClientQuotas", 1,
     R"({"entries":[{"entity":[{"entityType":"client-id","entityName":"fuzz"}],"ops":[{"key":
     "producer_byte_rate","value":1000000.0,"remove":false}]}],"validateOnly":false})"},
    {"DescribeClientQuotas", 1,
     R"({"components":[{"entityType":"client-id","matchType":0,"match":"fuzz"}],"strict":false})"},
    {"DescribeLogDirs", 4, R"({"topics":[{"topic":"orders","partitions":[0]}]})"},
    {"AlterReplicaLogDirs", 2,
     R"({"dirs":[{"path":"/data","topics":[{"name":"orders","partitions":[0]}]}]})"},
    {"ElectLeaders", 2,
     R"({"electionType":0,"topicPartitions":[{"topic":"orders","partitions":[0]}],"timeoutMs":100})"},
    {"AlterPartitionReassignments", 1,
     R"({"timeoutMs":100,"allowReplicationFactorChange":true,"topics":[{"name":"orders","partitions":[{
     "partitionIndex":0,"replicas":[1]}]}]})"},
    {"UpdateFeatures", 2,
     R"({"timeoutMs":100,"featureUpdates":[{"feature":"group.version","maxVersionLevel":1,"upgradeType":1}],
     "validateOnly":true})"},
    {"AlterUserScramCredentials", 0,
     R"({"deletions":[{"name":"a","mechanism":1}],"upsertions":[{"name":"b","mechanism":1,"iterations":4096,
     "salt":"AAAA","saltedPassword":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}]})"},
    {"DescribeQuorum", 2,
     R"({"topics":[{"topicName":"__cluster_metadata","partitions":[{"partitionIndex":0}]}]})"},
    {"Vote", 2,
     R"({"clusterId":"J8qXRwI-Qyi2G0guFTiuYw","voterId":1,"topics":[{"topicName":"__cluster_metadata","partitions":[{
     "partitionIndex":0,"replicaEpoch":1,"replicaId":2,"replicaDirectoryId":"zzzzzzzzQAmzzzzzzzzzzw",
     "voterDirectoryId":"AAAAAAAAAAAAAAAAAAAAAA","lastOffsetEpoch":1,"lastOffset":1,"preVote":true}]}]})"},
    {"BrokerRegistration", 4,
     R"({"brokerId":2,"clusterId":"J8qXRwI-Qyi2G0guFTiuYw","incarnationId":"zzzzzzzzQAmzzzzzzzzzzw","listeners":[{
     "name":"PLAINTEXT","host":"b","port":9092,"securityProtocol":0}],"features":[{"name":"metadata.version",
     "minSupportedVersion":7,"maxSupportedVersion":33}],"rack":null,"isMigratingZkBroker":false,"logDirs":[
     "zzzzzzzzQAmzzzzzzzzzzA"],"previousBrokerEpoch":-1})"},
    {"BrokerHeartbeat", 1,
     R"({"brokerId":2,"brokerEpoch":10,"currentMetadataOffset":10,"wantFence":false,"wantShutDown":false,
     "offlineLogDirs":[]})"},
    {"AlterPartition", 3,
     R"({"brokerId":1,"brokerEpoch":$epoch,"topics":[{"topicId":"$id","partitions":[{"partitionIndex":0,
     "leaderEpoch":0,"newIsrWithEpochs":[{"brokerId":1,"brokerEpoch":$epoch}],"leaderRecoveryState":0,
     "partitionEpoch":0}]}]})"},
    {"FetchSnapshot", 1,
     R"({"replicaId":2,"maxBytes":1000,"topics":[{"name":"__cluster_metadata","partitions":[{"partition":0,
     "currentLeaderEpoch":1,"snapshotId":{"endOffset":0,"epoch":0},"position":0}]}]})"},
    {"SaslHandshake", 1, R"({"mechanism":"SCRAM-SHA-512"})"},
    {"SaslAuthenticate", 2, R"({"authBytes":"AHVzZXIAc2VjcmV0"})"},
    {"ApiVersions", 5,
     R"({"clientSoftwareName":"fuzz","clientSoftwareVersion":"1.0","clusterId":null,"nodeId":-1})"},
    {"DescribeAcls", 3,
     R"({"resourceTypeFilter":2,"resourceNameFilter":"orders","patternTypeFilter":3,"principalFilter":null,
     "hostFilter":null,"operation":1,"permissionType":1})"},
    {"CreateAcls", 3,
     R"({"creations":[{"resourceType":2,"resourceName":"orders","resourcePatternType":3,"principal":"User:a",
     "host":"*","operation":3,"permissionType":3}]})"},
    {"DeleteAcls", 3,
     R"({"filters":[{"resourceTypeFilter":1,"resourceNameFilter":null,"patternTypeFilter":1,"principalFilter":null,
     "hostFilter":null,"operation":1,"permissionType":1}]})"},
    {"CreateDelegationToken", 3,
     R"({"ownerPrincipalType":null,"ownerPrincipalName":null,"renewers":[{"principalType":"User",
     "principalName":"b"}],"maxLifetimeMs":-1})"},
    {"RenewDelegationToken", 2, R"({"hmac":"AAAA","renewPeriodMs":-1})"},
    {"ExpireDelegationToken", 2, R"({"hmac":"AAAA","expiryTimePeriodMs":-1})"},
    {"DescribeDelegationToken", 3, R"({"owners":[{"principalType":"User","principalName":"b"}]})"},
    {"ListPartitionReassignments", 0,
     R"({"timeoutMs":100,"topics":[{"name":"orders","partitionIndexes":[0,1]}]})"},
    {"DescribeUserScramCredentials", 0, R"({"users":[{"name":"b"}]})"},
    {"BeginQuorumEpoch", 1,
     R"({"clusterId":null,"voterId":1,"topics":[{"topicName":"__cluster_metadata","partitions":[{
     "partitionIndex":0,"voterDirectoryId":"AAAAAAAAAAAAAAAAAAAAAA","leaderId":2,"leaderEpoch":1}]}],
     "leaderEndpoints":[{"name":"CONTROLLER","host":"b","port":9093}]})"},
    {"EndQuorumEpoch", 1,
     R"({"clusterId":null,"topics":[{"topicName":"__cluster_metadata","partitions":[{
     "partitionIndex":0,"leaderId":2,"leaderEpoch":1,"preferredCandidates":[{"candidateId":1,
     "candidateDirectoryId":"AAAAAAAAAAAAAAAAAAAAAA"}]}]}],"leaderEndpoints":[{"name":"CONTROLLER","host":"b",
     "port":9093}]})"},
    {"Envelope", 0,
     R"({"requestData":"$forwarded","requestPrincipal":"AAAFVXNlcgpBTk9OWU1PVVMAAA==","clientHostAddress":
     "fwAAAQ=="})"},
    {"DescribeCluster", 2,
     R"({"includeClusterAuthorizedOperations":true,"endpointType":1,"includeFencedBrokers":true})"},
    {"UnregisterBroker", 0, R"({"brokerId":2})"},
    {"AllocateProducerIds", 0, R"({"brokerId":1,"brokerEpoch":$epoch})"},
    {"ControllerRegistration", 0,
     R"({"controllerId":1,"incarnationId":"zzzzzzzzQAmzzzzzzzzzzw","zkMigrationReady":false,"listeners":[{
     "name":"CONTROLLER","host":"a","port":9093,"securityProtocol":0}],"features":[{"name":"metadata.version",
     "minSupportedVersion":7,"maxSupportedVersion":33}]})"},
    {"AssignReplicasToDirs", 0,
     R"({"brokerId":1,"brokerEpoch":$epoch,"directories":[{"id":"zzzzzzzzQAmzzzzzzzzzzA","topics":[{"topicId":"$id",
     "partitions":[{"partitionIndex":0}]}]}]})"},
    {"ListConfigResources", 1, R"({"resourceTypes":[2,4,16,32]})"},
    {"AddRaftVoter", 1,
     R"({"clusterId":null,"timeoutMs":100,"voterId":2,"voterDirectoryId":
     "zzzzzzzzQAmzzzzzzzzzzw","listeners":[{"name":"CONTROLLER","host":"b","port":9093}],
     "ackWhenCommitted":false})"},
    {"RemoveRaftVoter", 0, R"({"clusterId":null,"voterId":2,"voterDirectoryId":"zzzzzzzzQAmzzzzzzzzzzw"})"},
    {"UpdateRaftVoter", 0,
     R"({"clusterId":null,"currentLeaderEpoch":1,"voterId":1,"voterDirectoryId":
     "zzzzzzzzQAmzzzzzzzzzzw","listeners":[{"name":"CONTROLLER","host":"a","port":9093}],"kRaftVersionFeature":{
     "minSupportedVersion":0,"maxSupportedVersion":1}})"},
    {"UnregisterController", 0, R"({"controllerId":2})"},
    {"GetTelemetrySubscriptions", 0, R"({"clientInstanceId":"AAAAAAAAAAAAAAAAAAAAAA"})"},
    {"PushTelemetry", 0,
     R"({"clientInstanceId":"zzzzzzzzQAmzzzzzzzzzzw","subscriptionId":1,"terminating":false,"compressionType":0,
     "metrics":"AAAA"})"},
};

}  // namespace ottla::server
