// fuzz: base runtime protocol config metadata controller
// Any requests to an active controller, one after the other: each is answered, the answer can be encoded in the version
// that was asked, what is decided can be replayed, and the cluster's invariants hold after each.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/budget.h"
#include "base/invariant.h"
#include "controller/api_table.h"
#include "controller/testing/cluster_story.h"
#include "protocol/api.h"
#include "protocol/codec.h"
#include "protocol/json.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace ottla::controller {
namespace {

// Which API, which version, and two bytes that say how long the request is.
constexpr std::size_t kFront = 4;
constexpr std::size_t kLargestStructure = 4096;

// Requests that mean something to the cluster that there is; what is mutated begins with them.
struct Sample {
  std::string_view api;
  std::int16_t version;
  std::string_view json;
};
constexpr Sample kSamples[] = {
    {"IncrementalAlterConfigs", 1,
     R"({"resources":[{"resourceType":2,"resourceName":"orders","configs":[{"name":"min.insync.replicas",
     "configOperation":0,"value":"2"},{"name":"cleanup.policy","configOperation":2,"value":"compact"}]},
     {"resourceType":4,"resourceName":"1","configs":[{"name":"cordoned.log.dirs","configOperation":0,
     "value":"/a"}]}],"validateOnly":false})"},
    {"IncrementalAlterConfigs", 0,
     R"({"resources":[{"resourceType":4,"resourceName":"","configs":[{"name":"min.insync.replicas",
     "configOperation":1,"value":null}]},{"resourceType":32,"resourceName":"g","configs":[{
     "name":"share.auto.offset.reset","configOperation":0,"value":"by_duration:PT1H"}]},{"resourceType":16,
     "resourceName":"m","configs":[{"name":"match","configOperation":3,"value":"client_id=a.*"}]}],
     "validateOnly":true})"},
    {"AlterConfigs", 2,
     R"({"resources":[{"resourceType":2,"resourceName":"orders","configs":[{"name":"retention.ms","value":"5"}]},
     {"resourceType":16,"resourceName":"m","configs":[{"name":"interval.ms","value":"100"}]}],
     "validateOnly":false})"},
    {"AlterClientQuotas", 1,
     R"({"entries":[{"entity":[{"entityType":"user","entityName":"ann"},{"entityType":"client-id",
     "entityName":null}],"ops":[{"key":"producer_byte_rate","value":10.0,"remove":false},
     {"key":"request_percentage","value":0.5,"remove":true}]},{"entity":[{"entityType":"ip","entityName":
     "::1"}],"ops":[{"key":"connection_creation_rate","value":3.0,"remove":false}]}],"validateOnly":false})"},
    {"UpdateFeatures", 2,
     R"({"timeoutMs":1000,"featureUpdates":[{"feature":"metadata.version","maxVersionLevel":33,"upgradeType":1},
     {"feature":"group.version","maxVersionLevel":0,"upgradeType":2},{"feature":"kraft.version",
     "maxVersionLevel":1,"upgradeType":1}],"validateOnly":false})"},
    {"UpdateFeatures", 1,
     R"({"timeoutMs":1000,"featureUpdates":[{"feature":"eligible.leader.replicas.version","maxVersionLevel":0,
     "upgradeType":3}],"validateOnly":false})"},
    {"AllocateProducerIds", 0, R"({"brokerId":1,"brokerEpoch":8})"},
    {"CreateTopics", 7,
     R"({"topics":[{"name":"bills","numPartitions":2,"replicationFactor":2,"assignments":[],"configs":[{
     "name":"min.insync.replicas","value":"2"}]}],"timeoutMs":1000,"validateOnly":false})"},
    {"DeleteTopics", 6,
     R"({"topics":[{"name":"orders","topicId":"AAAAAAAAAAAAAAAAAAAAAA"}],"timeoutMs":1000})"},
    {"CreatePartitions", 3,
     R"({"topics":[{"name":"orders","count":5,"assignments":null}],"timeoutMs":1000,"validateOnly":false})"},
    {"AlterPartitionReassignments", 1,
     R"({"timeoutMs":1000,"allowReplicationFactorChange":true,"topics":[{"name":"orders","partitions":[
     {"partitionIndex":0,"replicas":[2,3]}]}]})"},
    {"ElectLeaders", 2, R"({"electionType":1,"topicPartitions":null,"timeoutMs":1000})"},
    {"UnregisterBroker", 0, R"({"brokerId":3})"},
    {"CreateDelegationToken", 3,
     R"({"ownerPrincipalType":"User","ownerPrincipalName":"bob","renewers":[],"maxLifetimeMs":-1})"},
    {"CreateAcls", 3,
     R"({"creations":[{"resourceType":2,"resourceName":"a","resourcePatternType":3,"principal":"User:a",
     "host":"*","operation":3,"permissionType":3}]})"},
};

void append(std::string& out, std::size_t api, std::int16_t version, std::string_view body) {
  out += static_cast<char>(api);
  out += static_cast<char>(version);
  out += static_cast<char>(body.size() >> 8U);
  out += static_cast<char>(body.size());
  out += body;
}

std::string encoded(const Sample& sample) {
  Budget budget("sample", std::size_t{1} << 20U);
  Arena arena(budget);
  const auto apis = controller_apis();
  for (std::size_t index = 0; index < apis.size(); ++index) {
    const protocol::ApiInfo& api = *protocol::find_api(static_cast<std::int16_t>(apis[index].key));
    if (sample.api != api.name) continue;
    void* request = arena.allocate(kLargestStructure);
    const auto read = protocol::from_json(*api.request, sample.json, sample.version, arena, request);
    OTTLA_INVARIANT(read.ok(), "a sample cannot be read", sample.api, read.error());
    const protocol::Encodable part(*api.request, request, sample.version);
    auto bytes = protocol::encode(std::span(&part, 1), protocol::Prefix::none);
    OTTLA_INVARIANT(bytes.ok(), "a sample cannot be encoded", sample.api, bytes.error());
    const Slice flat = bytes->flatten();
    const std::string_view body(reinterpret_cast<const char*>(flat.as_span().data()), flat.size());
    std::string out;
    append(out, index, sample.version, body);
    return out;
  }
  OTTLA_INVARIANT(false, "a sample of an API that the controller does not serve", sample.api);
  return {};
}

const std::vector<std::string>& samples() {
  static const std::vector<std::string> kAll = [] {
    std::vector<std::string> all;
    for (const Sample& each : kSamples) all.push_back(encoded(each));
    return all;
  }();
  return kAll;
}

void perform(testing::TestCluster& cluster, const ControllerApi& api, std::int16_t version,
             std::span<const std::byte> body, Arena& arena) {
  const protocol::ApiInfo& info = *protocol::find_api(static_cast<std::int16_t>(api.key));
  if (!info.request->versions.contains(version)) return;
  void* request = arena.allocate(kLargestStructure);
  if (!protocol::decode(*info.request, {.bytes = body, .version = version}, &arena, request).ok()) return;
  void* response = arena.allocate(kLargestStructure);
  std::memcpy(response, info.response->root->initial, info.response->root->size);
  static_cast<void>(cluster.perform(api, version, request, response));
  const protocol::Encodable part(*info.response, response, version);
  const auto bytes = protocol::encode(std::span(&part, 1), protocol::Prefix::frame_size);
  OTTLA_INVARIANT(bytes.ok(), "a response cannot be encoded", info.name, version, bytes.error());
}

void run(std::span<const std::uint8_t> input) {
  testing::ClusterStory story;
  story.tell_all({"live 1 2 3", "create orders assign=1,2/2,3"});
  Budget budget("requests", std::size_t{16} << 20U);
  while (input.size() >= kFront) {
    const auto apis = controller_apis();
    const ControllerApi& api = apis[input[0] % apis.size()];
    const std::size_t told = input[2] * 256U + input[3];
    const std::span<const std::uint8_t> body =
        input.subspan(kFront).first(std::min(told, input.size() - kFront));
    Arena arena(budget);
    story.cluster().forward(input[1] >= 128);
    perform(story.cluster(), api, static_cast<std::int16_t>(input[1] & 127U), std::as_bytes(body), arena);
    input = input.subspan(kFront + body.size());
  }
}

// Now and then a request that means something is added.
std::size_t add_sample(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  const std::string& sample = samples()[seed / 4 % samples().size()];
  if (size + sample.size() > most) return size;
  std::memcpy(data + size, sample.data(), sample.size());
  return size + sample.size();
}

}  // namespace
}  // namespace ottla::controller

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ottla::controller::run({data, size});
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most,
                                               unsigned seed) {
  if (seed % 4 == 0) return ottla::controller::add_sample(data, size, most, seed);
  return LLVMFuzzerMutate(data, size, most);
}
