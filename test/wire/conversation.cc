#include "test/wire/conversation.h"

#include <fmt/format.h>

#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/chain.h"
#include "base/slice.h"
#include "protocol/api.h"
#include "protocol/array.h"
#include "protocol/fields.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/describe_cluster.h"
#include "protocol/messages/describe_configs.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/find_coordinator.h"
#include "protocol/messages/list_offsets.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/produce.h"
#include "protocol/request_header.h"
#include "protocol/schema.h"
#include "record/batch_builder.h"
#include "runtime/task.h"

namespace ottla::wire_check {
namespace {

using namespace protocol;  // NOLINT(google-build-using-namespace): this file is all about its messages

constexpr std::string_view kTopic = "wire-check";
constexpr std::string_view kValue = "seen on the wire";
constexpr std::int64_t kTimestamp = 1'700'000'000'000;
constexpr std::int64_t kLatest = -1;
constexpr std::int8_t kTopicResource = 2;
constexpr std::int16_t kCoordinatorNotAvailable = 15;

Slice one_record_batch() {
  record::BatchBuilder builder({});
  builder.append({.timestamp = kTimestamp, .value = std::as_bytes(std::span(kValue))});
  return std::move(builder).finish();
}

std::string unexpected(std::string_view what, std::int64_t got, std::int64_t wanted) {
  return got == wanted ? std::string() : fmt::format("{} is {}, not {}", what, got, wanted);
}

}  // namespace

Task<void> Conversation::run() {
  co_await each_version(ApiVersionsRequest::message(), &Conversation::api_versions);
  co_await each_version(CreateTopicsRequest::message(), &Conversation::create_topics);
  co_await each_version(MetadataRequest::message(), &Conversation::metadata);
  co_await each_version(ProduceRequest::message(), &Conversation::produce);
  co_await each_version(FetchRequest::message(), &Conversation::fetch);
  co_await each_version(ListOffsetsRequest::message(), &Conversation::list_offsets);
  co_await each_version(FindCoordinatorRequest::message(), &Conversation::find_coordinator);
  co_await each_version(DescribeConfigsRequest::message(), &Conversation::describe_configs);
  co_await each_version(DescribeClusterRequest::message(), &Conversation::describe_cluster);
}

Task<void> Conversation::each_version(const MessageInfo& request, Step step) {
  for (std::int16_t version = request.versions.first; version <= request.versions.last; ++version) {
    const Finding finding = co_await (this->*step)(version);
    (finding.empty() ? passed_ : failed_) += 1;
    fmt::print("{} {} v{}{}{}\n", finding.empty() ? "ok    " : "FAILED", request.name, version,
               finding.empty() ? "" : ": ", finding);
    std::fflush(stdout);
  }
}

// Each API in exactly the versions that we would say.
Task<Conversation::Finding> Conversation::api_versions(std::int16_t version) {
  const ApiVersionsRequest request = {.client_software_name = "wire-check", .client_software_version = "1"};
  ApiVersionsResponse response;
  const Finding failed = co_await ask(request, version, response);
  if (!failed.empty()) co_return failed;
  std::string finding = unexpected("the error", response.error_code, 0);
  std::int64_t ours = 0;
  for (const ApiInfo& api : all_apis()) {
    if (api.request != nullptr && !advertised_versions(api, {}).empty()) ++ours;
  }
  for (const auto& theirs : response.api_keys) {
    const ApiInfo* api = find_api(theirs.api_key);
    const Versions known = api != nullptr ? advertised_versions(*api, {}) : Versions{};
    if (known != Versions{theirs.min_version, theirs.max_version}) {
      finding += fmt::format(" API {}: {}-{}, we say {}-{}", theirs.api_key, theirs.min_version,
                             theirs.max_version, known.first, known.last);
    }
  }
  co_return finding + unexpected("the number of APIs", response.api_keys.size(), ours);
}

Task<Conversation::Finding> Conversation::create_topics(std::int16_t version) {
  const std::string name = version == 2 ? std::string(kTopic) : fmt::format("{}-{}", kTopic, version);
  const CreateTopicsRequest::CreatableTopicConfig config = {.name = "max.message.bytes", .value = "65536"};
  const CreateTopicsRequest::CreatableTopic topic = {
      .name = name, .num_partitions = 1, .replication_factor = 1, .configs = Array(&config, 1)};
  const CreateTopicsRequest request = {.topics = Array(&topic, 1), .timeout_ms = 30'000};
  CreateTopicsResponse response;
  const Finding failed = co_await ask(request, version, response);
  if (!failed.empty()) co_return failed;
  if (response.topics.size() != 1) co_return "not one topic";
  if (response.topics[0].name != name) co_return "another topic";
  if (version >= 5 && response.topics[0].configs.empty()) co_return "a topic without configs";
  co_return unexpected("the error", response.topics[0].error_code, 0);
}

// The leader of a new topic may take a moment: asked again until it is there.
Task<Conversation::Finding> Conversation::metadata(std::int16_t version) {
  const MetadataRequest::MetadataRequestTopic topic = {.name = kTopic};
  const MetadataRequest request = {.topics = Array(&topic, 1)};
  MetadataResponse response;
  for (;;) {
    const Finding failed = co_await ask(request, version, response);
    if (!failed.empty()) co_return failed;
    if (response.topics.size() != 1 || response.brokers.empty()) co_return "not one topic, or no broker";
    const auto& found = response.topics[0];
    if (found.error_code == 0 && !found.partitions.empty() && found.partitions[0].leader_id >= 0) break;
  }
  if (response.topics[0].name != NullableText(kTopic)) co_return "another topic";
  if (version >= 10) topic_id_ = response.topics[0].topic_id;
  co_return unexpected("partitions", response.topics[0].partitions.size(), 1);
}

Task<Conversation::Finding> Conversation::produce(std::int16_t version) {
  const Chain batch(one_record_batch());
  const ProduceRequest::PartitionProduceData partition = {.records = Records(batch)};
  ProduceRequest::TopicProduceData topic = {.partition_data = Array(&partition, 1)};
  if (version >= 13) {
    topic.topic_id = topic_id_;
  } else {
    topic.name = kTopic;
  }
  const ProduceRequest request = {.acks = -1, .timeout_ms = 30'000, .topic_data = Array(&topic, 1)};
  ProduceResponse response;
  const Finding failed = co_await ask(request, version, response);
  if (!failed.empty()) co_return failed;
  if (response.responses.size() != 1 || response.responses[0].partition_responses.size() != 1)
    co_return "no answer";
  const auto& answer = response.responses[0].partition_responses[0];
  const std::string finding = unexpected("the error", answer.error_code, 0);
  co_return finding + unexpected("the offset", answer.base_offset, produced_++);
}

Task<Conversation::Finding> Conversation::fetch(std::int16_t version) {
  const FetchRequest::FetchPartition partition = {.partition_max_bytes = 1 << 20};
  FetchRequest::FetchTopic topic = {.partitions = Array(&partition, 1)};
  if (version >= 13) {
    topic.topic_id = topic_id_;
  } else {
    topic.topic = kTopic;
  }
  const FetchRequest request = {.max_wait_ms = 1000, .min_bytes = 1, .topics = Array(&topic, 1)};
  FetchResponse response;
  const Finding failed = co_await ask(request, version, response);
  if (!failed.empty()) co_return failed;
  if (response.responses.size() != 1 || response.responses[0].partitions.size() != 1) co_return "no answer";
  const auto& answer = response.responses[0].partitions[0];
  const auto wanted = static_cast<std::int64_t>(one_record_batch().size()) * produced_;
  const std::string finding = unexpected("the error", answer.error_code, 0) +
                              unexpected("the high watermark", answer.high_watermark, produced_);
  co_return finding +
      unexpected("bytes of records", static_cast<std::int64_t>(answer.records.size()), wanted);
}

Task<Conversation::Finding> Conversation::list_offsets(std::int16_t version) {
  const ListOffsetsRequest::ListOffsetsPartition partition = {.timestamp = kLatest};
  const ListOffsetsRequest::ListOffsetsTopic topic = {.name = kTopic, .partitions = Array(&partition, 1)};
  const ListOffsetsRequest request = {.replica_id = -1, .topics = Array(&topic, 1)};
  ListOffsetsResponse response;
  const Finding failed = co_await ask(request, version, response);
  if (!failed.empty()) co_return failed;
  if (response.topics.size() != 1 || response.topics[0].partitions.size() != 1) co_return "no answer";
  const auto& answer = response.topics[0].partitions[0];
  const std::string finding = unexpected("the error", answer.error_code, 0);
  co_return finding + unexpected("the offset", answer.offset, produced_);
}

Task<Conversation::Finding> Conversation::find_coordinator(std::int16_t version) {
  const std::string_view key = "some-group";
  FindCoordinatorRequest request;
  if (version >= 4) {
    request.coordinator_keys = Array(&key, 1);
  } else {
    request.key = key;
  }
  FindCoordinatorResponse response;
  const Finding failed = co_await ask(request, version, response);
  if (!failed.empty()) co_return failed;
  if (version >= 4 && response.coordinators.size() != 1) co_return "no answer";
  if (version >= 4 && response.coordinators[0].key != key) co_return "another group";
  const std::int16_t error = version >= 4 ? response.coordinators[0].error_code : response.error_code;
  // The first question makes the server create the topic behind it.
  co_return error == kCoordinatorNotAvailable ? Finding() : unexpected("the error", error, 0);
}

Task<Conversation::Finding> Conversation::describe_configs(std::int16_t version) {
  const DescribeConfigsRequest::DescribeConfigsResource resource = {
      .resource_type = kTopicResource,
      .resource_name = kTopic,
      .configuration_keys = Array<std::string_view>::null()};
  const DescribeConfigsRequest request = {
      .resources = Array(&resource, 1), .include_synonyms = true, .include_documentation = version >= 3};
  DescribeConfigsResponse response;
  const Finding failed = co_await ask(request, version, response);
  if (!failed.empty()) co_return failed;
  if (response.results.size() != 1) co_return "no answer";
  for (const auto& config : response.results[0].configs) {
    if (config.name == "max.message.bytes" && config.value == NullableText("65536")) co_return Finding();
  }
  co_return "the config that was set is not there";
}

Task<Conversation::Finding> Conversation::describe_cluster(std::int16_t version) {
  DescribeClusterResponse response;
  const Finding failed = co_await ask(DescribeClusterRequest{}, version, response);
  if (!failed.empty()) co_return failed;
  const std::string finding = unexpected("the error", response.error_code, 0);
  co_return finding + unexpected("the number of brokers", response.brokers.size(), 1);
}

}  // namespace ottla::wire_check
