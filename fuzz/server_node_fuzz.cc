// fuzz: base runtime protocol record metadata sim node_world server
// Whatever a connection sends to a whole node: requests of any API and version to its broker's or its controller's
// listener, mutated from such as mean something to the topics that are there, random ones, and bytes that are none. The
// node goes on, others are served what they were served before, and its metadata keep their invariants.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/base64.h"
#include "base/budget.h"
#include "base/invariant.h"
#include "base/slice.h"
#include "metadata/image.h"
#include "protocol/api.h"
#include "protocol/codec.h"
#include "protocol/json.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/metadata.h"
#include "protocol/request_header.h"
#include "protocol/testing/random_message.h"
#include "record/batch_builder.h"
#include "runtime/shard.h"
#include "sim/incarnation.h"
#include "sim/shard_home.h"
#include "test/node/node_world.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace ottla::server {
namespace {

using protocol::ApiInfo;

// A node lives for so many inputs: what they leave behind must not pile up.
constexpr int kInputsOfALife = 200;
constexpr std::size_t kMostRequestMemory = std::size_t{8} << 20U;
constexpr std::size_t kLargestStructure = 4096;
// Before each request: its API, its version, and two bytes that say how long its body is.
constexpr std::size_t kFront = 4;
constexpr std::size_t kMostRequests = 8;
constexpr auto kPatience = std::chrono::milliseconds(300);

// What a mutated request begins as. $id is the id of the topic `orders`, and the batch one that can be appended.
struct Sample {
  std::string_view api;
  std::int16_t version;
  std::string_view json;
};
constexpr Sample kSamples[] = {
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
     R"({"brokerId":2,"brokerEpoch":10,"topics":[{"topicId":"$id","partitions":[{"partitionIndex":0,
     "leaderEpoch":0,"newIsrWithEpochs":[{"brokerId":1,"brokerEpoch":8}],"leaderRecoveryState":0,
     "partitionEpoch":0}]}]})"},
    {"FetchSnapshot", 1,
     R"({"replicaId":2,"maxBytes":1000,"topics":[{"name":"__cluster_metadata","partitions":[{"partition":0,
     "currentLeaderEpoch":1,"snapshotId":{"endOffset":0,"epoch":0},"position":0}]}]})"},
};

// Numbers and bytes from the front of an input; zero behind its end.
class Taker {
 public:
  explicit Taker(std::span<const std::uint8_t> input) : input_(input) {}

  std::size_t size() const { return input_.size(); }
  std::uint8_t byte() {
    if (input_.empty()) return 0;
    const std::uint8_t first = input_.front();
    input_ = input_.subspan(1);
    return first;
  }
  std::string_view bytes(std::size_t most) {
    const auto front = input_.first(std::min(most, input_.size()));
    input_ = input_.subspan(front.size());
    return {reinterpret_cast<const char*>(front.data()), front.size()};
  }

 private:
  std::span<const std::uint8_t> input_;
};

void put(std::string& out, std::uint32_t value, unsigned bytes) {
  for (unsigned left = bytes; left > 0; --left) out += static_cast<char>(value >> ((left - 1) * 8));
}

// A whole frame around a body.
std::string framed(const ApiInfo& api, std::int16_t version, std::string_view body) {
  constexpr std::string_view kClient = "fuzz";
  std::string inner;
  put(inner, static_cast<std::uint16_t>(api.key), 2);
  put(inner, static_cast<std::uint16_t>(version), 2);
  put(inner, 7, 4);
  put(inner, kClient.size(), 2);
  inner += kClient;
  const bool removed = api.request == nullptr;
  if (!removed && protocol::request_header_version(api, version) >= 2) inner += '\0';
  inner += body;
  std::string frame;
  put(frame, static_cast<std::uint32_t>(inner.size()), 4);
  return frame + inner;
}

std::string frames_of(Taker& input) {
  const auto apis = protocol::all_apis();
  std::string frames;
  for (std::size_t each = 0; each < kMostRequests && input.size() >= kFront; ++each) {
    const ApiInfo& api = apis[input.byte() % apis.size()];
    const auto version = static_cast<std::int16_t>(static_cast<std::int8_t>(input.byte()));
    const std::size_t high = input.byte();
    const std::size_t size = high * 256 + input.byte();
    frames += framed(api, version, input.bytes(size));
  }
  return frames;
}

std::string replaced(std::string_view text, std::string_view word, std::string_view by) {
  std::string out(text);
  for (std::size_t at = out.find(word); at != std::string::npos; at = out.find(word, at + by.size()))
    out.replace(at, word.size(), by);
  return out;
}

// A request as an input holds it.
std::string held(std::size_t api, std::int16_t version, std::string_view body) {
  std::string out;
  out += static_cast<char>(api);
  out += static_cast<char>(version);
  put(out, static_cast<std::uint32_t>(body.size()), 2);
  return out.append(body);
}

std::string encoded_body(const ApiInfo& api, std::int16_t version, const void* request) {
  const protocol::Encodable part(*api.request, request, version);
  auto bytes = protocol::encode(std::span(&part, 1), protocol::Prefix::none);
  if (!bytes.ok()) return {};
  return std::string(bytes->flatten().as_string_view());
}

std::size_t index_of(std::string_view name) {
  const auto apis = protocol::all_apis();
  const auto found = std::ranges::find(apis, name, &ApiInfo::name);
  OTTLA_INVARIANT(found != apis.end(), "a sample of an API that there is not", name);
  return static_cast<std::size_t>(found - apis.begin());
}

// One record with a key, as a producer sends it.
std::string batch_text() {
  constexpr std::string_view kKey = "key";
  constexpr std::string_view kValue = "value";
  record::BatchBuilder builder({});
  builder.append(
      {.timestamp = 1000, .key = std::as_bytes(std::span(kKey)), .value = std::as_bytes(std::span(kValue))});
  const Slice batch = std::move(builder).finish();
  return base64_encode(batch.as_span(), Base64Alphabet::standard, Base64Padding::equals);
}

std::string sample_input(const Sample& sample, std::string_view id) {
  Budget budget("sample", std::size_t{1} << 20U);
  Arena arena(budget);
  const std::size_t index = index_of(sample.api);
  const ApiInfo& api = protocol::all_apis()[index];
  void* request = arena.allocate(kLargestStructure);
  const std::string json = replaced(replaced(sample.json, "$id", id), "$batch", batch_text());
  const auto read = protocol::from_json(*api.request, json, sample.version, arena, request);
  OTTLA_INVARIANT(read.ok(), "a sample cannot be read", sample.api, read.error());
  return held(index, sample.version, encoded_body(api, sample.version, request));
}

std::string random_input(std::uint64_t seed) {
  Budget budget("random request", kMostRequestMemory);
  Arena arena(budget);
  protocol::RandomBits bits(seed);
  const auto apis = protocol::all_apis();
  const std::size_t index = bits.below(apis.size());
  const ApiInfo& api = apis[index];
  if (api.request == nullptr || api.request->versions.empty()) return {};
  const protocol::Versions versions = api.request->versions;
  const auto count = static_cast<std::uint64_t>(versions.last - versions.first + 1);
  const auto version =
      static_cast<std::int16_t>(versions.first + static_cast<std::int16_t>(bits.below(count)));
  void* request = arena.allocate(api.request->root->size, api.request->root->alignment);
  std::memcpy(request, api.request->root->initial, api.request->root->size);
  protocol::RandomMessages random(bits.next(), arena, {.large_values = false, .most_bytes = 2048});
  random.fill(*api.request, version, request);
  return held(index, version, encoded_body(api, version, request));
}

// A node, two topics on it, and what must hold whatever comes.
class Life {
 public:
  Life()
      : world_(7, {"auto.create.topics.enable=true", "ottla.memory=67108864",
                   "broker.session.timeout.ms=600000"}) {
    OTTLA_INVARIANT(world_.start(), "the node does not start", world_.failure());
    const protocol::CreateTopicsRequest::CreatableTopicConfig compacts[] = {
        {.name = "cleanup.policy", .value = "compact"}};
    const protocol::CreateTopicsRequest::CreatableTopic topics[] = {
        {.name = "orders", .num_partitions = 3, .replication_factor = 1},
        {.name = "keyed", .num_partitions = 1, .replication_factor = 1, .configs = compacts}};
    const auto made = world_.ask(protocol::CreateTopicsRequest{.topics = topics, .timeout_ms = 10'000}, 7);
    const auto response = world_.read<protocol::CreateTopicsResponse>(made);
    OTTLA_INVARIANT(response.topics.size() == 2, "topics cannot be made", response.topics.size());
    id_ = response.topics[0].topic_id.to_string();
  }

  const std::string& id() const { return id_; }
  bool old() const { return inputs_ >= kInputsOfALife; }

  void send(std::string_view bytes, std::uint16_t port) {
    ++inputs_;
    (void)world_.send_raw(bytes, port, kPatience);
    check();
  }
  void end() { OTTLA_INVARIANT(world_.stop(), "the node does not stop", inputs_); }

 private:
  void check() {
    const auto violations = world_.world().violations();
    OTTLA_INVARIANT(violations.empty(), "a promise of the world was broken", violations.front());
    OTTLA_INVARIANT(world_.node() != nullptr, "the node has gone", world_.failure());
    const std::string broken = metadata::broken_invariant(*image());
    OTTLA_INVARIANT(broken.empty(), "the metadata are broken", broken);
    if (inputs_ % 8 != 0) return;
    const protocol::ApiVersionsRequest named = {.client_software_name = "fuzz",
                                                .client_software_version = "1"};
    OTTLA_INVARIANT(world_.ask(named, 3).ok(), "the node serves nobody any more", inputs_);
    const protocol::MetadataRequest about = {
        .topics = protocol::Array<protocol::MetadataRequest::MetadataRequestTopic>::null()};
    OTTLA_INVARIANT(world_.ask(about, 12).ok(), "the node tells nobody what there is", inputs_);
  }

  metadata::SharedImage image() {
    const Shard::Scope scope(world_.host().incarnation().home(0).shard());
    return world_.node()->image();
  }

  NodeWorld world_;
  std::string id_;
  int inputs_ = 0;
};

std::unique_ptr<Life>& life() {
  static std::unique_ptr<Life> current;
  if (!current) current = std::make_unique<Life>();
  return current;
}

const std::vector<std::string>& samples() {
  static const std::vector<std::string> kAll = [] {
    std::vector<std::string> all;
    for (const Sample& each : kSamples) all.push_back(sample_input(each, life()->id()));
    return all;
  }();
  return kAll;
}

// The first byte says to whom, and whether what follows is requests or just bytes.
void run(std::span<const std::uint8_t> bytes) {
  Taker input(bytes);
  const std::uint8_t kind = input.byte();
  const std::uint16_t port = kind % 4 == 0 ? NodeWorld::kControllerPort : NodeWorld::kPort;
  const std::string sent = kind >= 240 ? std::string(input.bytes(input.size())) : frames_of(input);
  life()->send(sent, port);
  if (!life()->old()) return;
  life()->end();
  life().reset();
}

// Now and then a request that means something, or a random one, is added.
std::size_t add(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  const std::string more = seed % 3 == 0 ? random_input(seed) : samples()[seed / 8 % samples().size()];
  const std::size_t front = size == 0 ? 1 : 0;
  if (more.empty() || size + front + more.size() > most) return size;
  if (front != 0) data[0] = static_cast<std::uint8_t>(seed % 240);
  std::memcpy(data + size + front, more.data(), more.size());
  return size + front + more.size();
}

}  // namespace
}  // namespace ottla::server

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ottla::server::run({data, size});
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most,
                                               unsigned seed) {
  if (size <= 1 || seed % 4 == 0) return ottla::server::add(data, size, most, seed);
  return LLVMFuzzerMutate(data, size, most);
}
