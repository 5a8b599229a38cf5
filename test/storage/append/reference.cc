#include "test/storage/append/reference.h"

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/chain.h"
#include "base/error.h"
#include "base/result.h"
#include "base/slice.h"
#include "protocol/array.h"
#include "protocol/fields.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/produce.h"
#include "runtime/task.h"
#include "test/storage/append/cases.h"

namespace ottla::append_check {
namespace {

using namespace protocol;  // NOLINT(google-build-using-namespace): this file is all about its messages

constexpr std::int16_t kFirstWithRecordErrors = 8;

}  // namespace

Task<Result<void>> Reference::create_topics() {
  for (const TopicKind& kind : all_topics()) {
    std::vector<CreateTopicsRequest::CreatableTopicConfig> configs;
    for (const auto& [key, value] : kind.configs) configs.push_back({.name = key, .value = value});
    const CreateTopicsRequest::CreatableTopic topic = {.name = kind.name,
                                                       .num_partitions = 1,
                                                       .replication_factor = 1,
                                                       .configs = Array(configs.data(), configs.size())};
    const CreateTopicsRequest request = {.topics = Array(&topic, 1), .timeout_ms = 30'000};
    CreateTopicsResponse response;
    OTTLA_CO_CHECK(co_await ask(request, 7, response));
    if (response.topics.size() != 1 || response.topics[0].error_code != 0) {
      co_return Error(Errc::invalid_argument, fmt::format("the topic {} was not created", kind.name));
    }
    OTTLA_CO_CHECK(co_await wait_for(kind.name));
  }
  co_return Result<void>();
}

// The leader of a new topic may take a moment: asked again until it is there.
Task<Result<void>> Reference::wait_for(std::string_view topic) {
  const MetadataRequest::MetadataRequestTopic wanted = {.name = topic};
  const MetadataRequest request = {.topics = Array(&wanted, 1)};
  for (;;) {
    MetadataResponse response;
    OTTLA_CO_CHECK(co_await ask(request, 9, response));
    if (response.topics.size() != 1) co_return Error(Errc::not_found, std::string(topic));
    const auto& found = response.topics[0];
    if (found.error_code == 0 && !found.partitions.empty() && found.partitions[0].leader_id >= 0) {
      co_return Result<void>();
    }
  }
}

Task<Result<Answer>> Reference::produce(const Case& sent) {
  const Chain records(sent.bytes);
  const ProduceRequest::PartitionProduceData partition = {.records = Records(records)};
  const ProduceRequest::TopicProduceData topic = {.name = sent.topic, .partition_data = Array(&partition, 1)};
  ProduceRequest request = {.acks = -1, .timeout_ms = 30'000, .topic_data = Array(&topic, 1)};
  if (!sent.transactional_id.empty()) request.transactional_id = sent.transactional_id;
  ProduceResponse response;
  OTTLA_CO_CHECK(co_await ask(request, sent.version, response));
  if (response.responses.size() != 1 || response.responses[0].partition_responses.size() != 1) {
    co_return Error(Errc::malformed, "not one answer for one partition");
  }
  const auto& said = response.responses[0].partition_responses[0];
  Answer answer{.error = said.error_code, .base_offset = said.base_offset};
  if (said.error_code == 0 && said.log_append_time_ms != -1) answer.log_append_time = said.log_append_time_ms;
  if (sent.version >= kFirstWithRecordErrors) {
    for (const auto& record : said.record_errors) answer.records.push_back(record.batch_index);
    answer.message = !said.error_message.is_null();
  }
  if (answer.error == 0) {
    OTTLA_CO_TRY(answer.stored, co_await fetch(sent.topic, answer.base_offset));
  }
  co_return answer;
}

Task<Result<Slice>> Reference::fetch(std::string_view topic, std::int64_t offset) {
  const FetchRequest::FetchPartition partition = {.fetch_offset = offset, .partition_max_bytes = 1 << 20};
  const FetchRequest::FetchTopic wanted = {.topic = topic, .partitions = Array(&partition, 1)};
  const FetchRequest request = {.max_wait_ms = 1000, .min_bytes = 1, .topics = Array(&wanted, 1)};
  FetchResponse response;
  OTTLA_CO_CHECK(co_await ask(request, 12, response));
  if (response.responses.size() != 1 || response.responses[0].partitions.size() != 1) {
    co_return Error(Errc::malformed, "not one answer for one partition");
  }
  const auto& said = response.responses[0].partitions[0];
  if (said.error_code != 0) co_return Error(Errc::not_found, fmt::format("fetch said {}", said.error_code));
  co_return Slice::copy_of(said.records.bytes());
}

}  // namespace ottla::append_check
