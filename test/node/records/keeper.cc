#include "test/node/records/keeper.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <utility>

#include "protocol/messages/create_topics.h"
#include "protocol/messages/delete_records.h"
#include "protocol/messages/delete_topics.h"
#include "protocol/messages/fetch.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"
#include "test/node/life/absent_member.h"

namespace ottla::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kPatience = seconds(3);
constexpr Duration kSoon = seconds(90);
constexpr std::int64_t kLatest = -1;
constexpr std::int64_t kEarliest = -2;
constexpr std::size_t kTimes = 4;  // that are looked up

template <typename T>
protocol::Array<T> one(const T& element) {
  return protocol::Array<T>(&element, 1);
}

}  // namespace

Keeper::Keeper(Terms terms, RecordsJudge& judge, std::function<bool()> audits)
    : terms_(std::move(terms)),
      judge_(judge),
      audits_(std::move(audits)),
      line_(terms_.broker, "keeper"),
      controller_line_(terms_.controller, "keeper") {}

std::uint64_t Keeper::below(std::uint64_t bound) {
  return this_shard().random().below(bound);
}

Task<int> Keeper::run(Cancel cancel) {
  cancel_ = cancel;
  while (!audits_() && !cancel.requested()) {
    const std::string topic = terms_.topics[below(terms_.topics.size())];
    if (!co_await ask_for_topic(line_, topic, cancel)) co_await create(topic);
    if (topic == "trimmed" && below(3) == 0) co_await delete_records(topic);
    if (topic == "brief" && below(6) == 0) co_await remove(topic);
    (void)co_await sleep_for(milliseconds(static_cast<std::int64_t>(below(60))), cancel);
  }
  const Instant limit = this_shard().now() + kSoon;
  for (const std::string& topic : terms_.topics) {
    while (!cancel.requested() && !co_await audit(topic)) {
      (void)co_await sleep_for(milliseconds(100), cancel);
      if (this_shard().now() < limit) continue;
      judge_.accuse(fmt::format("L2: {} cannot be read from its beginning to its end", topic));
      break;
    }
  }
  // Nothing of it is to be left.
  const bool has_brief = std::ranges::find(terms_.topics, "brief") != terms_.topics.end();
  if (has_brief && !cancel.requested() && below(2) == 0) co_await remove("brief");
  co_await line_.close();
  co_await controller_line_.close();
  co_return 0;
}

Task<void> Keeper::create(std::string topic) {
  using protocol::CreateTopicsRequest;
  const TopicKind& kind = topic_kind(topic);
  std::vector<CreateTopicsRequest::CreatableTopicConfig> configs;
  for (const auto& [key, value] : kind.configs) {
    if (terms_.plant == RecordsPlant::flush_not_asked && key == "flush.messages") continue;
    if (terms_.plant == RecordsPlant::replicas_not_asked && key == "min.insync.replicas") continue;
    configs.push_back({.name = key, .value = value});
  }
  CreateTopicsRequest::CreatableTopic asked{
      .name = topic, .num_partitions = kind.partitions, .replication_factor = 1, .configs = configs};
  const std::array<std::int32_t, 2> brokers = {1, kAbsentMember};
  const CreateTopicsRequest::CreatableReplicaAssignment assignment{.broker_ids = brokers};
  if (kind.traits.waiting) {
    if (co_await register_absent_member(controller_line_, cancel_) != std::int16_t{0}) co_return;
    asked.num_partitions = asked.replication_factor = -1;
    asked.assignments = one(assignment);
  }
  const CreateTopicsRequest request{.topics = one(asked), .timeout_ms = 5000};
  line_.forget();
  const auto reply = co_await line_.ask({request, 7}, kPatience, cancel_);
  protocol::CreateTopicsResponse response;
  if (!reply.ok() || !line_.read(*reply, response)) co_return;
  const auto& told = response.topics.front();
  if (told.error_code == 40 || told.error_code == 42) {
    judge_.accuse(fmt::format("{} cannot be made: {}", topic, told.error_message.value_or("")));
  }
}

Task<void> Keeper::remove(std::string topic) {
  using protocol::DeleteTopicsRequest;
  const DeleteTopicsRequest::DeleteTopicState asked{.name = std::string_view(topic)};
  const DeleteTopicsRequest request{.topics = one(asked), .timeout_ms = 5000};
  (void)co_await line_.ask({request, 6}, kPatience, cancel_);
}

Task<void> Keeper::delete_records(std::string topic) {
  using protocol::DeleteRecordsRequest;
  const std::optional<TopicView> view = co_await ask_for_topic(line_, topic, cancel_);
  if (!view) co_return;
  PartitionBook& book = judge_.book(topic, view->id, 0);
  const std::int64_t end = book.known_end();
  if (end == 0) co_return;
  const DeleteRecordsRequest::DeleteRecordsPartition place{
      .partition_index = 0, .offset = static_cast<std::int64_t>(below(static_cast<std::uint64_t>(end)))};
  const DeleteRecordsRequest::DeleteRecordsTopic asked{.name = topic, .partitions = one(place)};
  const DeleteRecordsRequest request{.topics = one(asked), .timeout_ms = 5000};
  line_.forget();
  const auto reply = co_await line_.ask({request, 2}, kPatience, cancel_);
  protocol::DeleteRecordsResponse response;
  if (!reply.ok() || !line_.read(*reply, response)) co_return;
  const auto& told = response.topics.front().partitions.front();
  if (told.error_code != 0) co_return;
  if (told.low_watermark < place.offset) {
    judge_.accuse(fmt::format("{}: records below {} are said to be deleted, and the log begins at {}",
                              book.name(), place.offset, told.low_watermark));
  }
  book.starts_at(told.low_watermark);
}

Task<bool> Keeper::audit(std::string topic) {
  const std::optional<TopicView> view = co_await ask_for_topic(line_, topic, cancel_);
  if (!view) {
    co_await create(topic);
    co_return false;
  }
  for (std::int32_t partition = 0; partition < view->partitions; ++partition) {
    if (!co_await audit_partition(topic, *view, partition)) co_return false;
  }
  co_return true;
}

Task<bool> Keeper::audit_partition(std::string topic, TopicView view, std::int32_t partition) {
  PartitionBook& book = judge_.book(topic, view.id, partition);
  if (book.traits().waiting) co_return co_await audit_nothing(view.id, partition, book);
  const auto start = co_await ask_for_offset(line_, topic, partition, kEarliest, cancel_);
  const auto end = co_await ask_for_offset(line_, topic, partition, kLatest, cancel_);
  if (!start || !end) co_return false;
  const auto batches = co_await read_all(view.id, partition, {.start = *start, .end = *end}, book.name());
  if (!batches) co_return false;
  std::vector<ScannedRecord> records;
  for (const ReadBatch& batch : *batches) {
    for (const ScannedRecord& record : batch.records) {
      if (record.offset >= *start) records.push_back(record);
    }
  }
  // Retention and the cleaner go on.
  const auto start_now = co_await ask_for_offset(line_, topic, partition, kEarliest, cancel_);
  if (!start_now || *start_now != *start) co_return false;
  book.scanned(*start, *end, records);
  check_sequences(book, *batches);
  if (book.traits().trimmed || book.traits().compacted) co_return true;
  co_return co_await audit_times(topic, partition, std::move(records));
}

// Where the log ends is told by no ListOffsets, since what stands there may never be committed.
Task<bool> Keeper::audit_nothing(Uuid id, std::int32_t partition, PartitionBook& book) {
  using protocol::FetchRequest;
  const FetchRequest::FetchPartition place{
      .partition = partition, .fetch_offset = 0, .partition_max_bytes = 1 << 18};
  const FetchRequest::FetchTopic asked{.topic_id = id, .partitions = one(place)};
  const FetchRequest request{.max_wait_ms = 0, .min_bytes = 0, .max_bytes = 1 << 20, .topics = one(asked)};
  line_.forget();
  const auto reply = co_await line_.ask({request, 16}, kPatience, cancel_);
  protocol::FetchResponse response;
  if (!reply.ok() || !line_.read(*reply, response) || response.responses.empty()) co_return false;
  const auto& told = response.responses.front().partitions.front();
  if (told.error_code != 0) co_return false;
  if (told.high_watermark > 0 || !told.records.bytes().empty()) {
    judge_.accuse(fmt::format("D8: {}: all below {} is committed, and too few replicas are in sync",
                              book.name(), told.high_watermark));
  }
  co_return true;
}

Task<std::optional<std::vector<ReadBatch>>> Keeper::read_all(Uuid id, std::int32_t partition, Span span,
                                                             std::string name) {
  using protocol::FetchRequest;
  const auto accuse = [this, &name](std::string what) { judge_.accuse(name + ": " + what); };
  std::vector<ReadBatch> all;
  for (std::int64_t next = span.start; next < span.end;) {
    const FetchRequest::FetchPartition place{
        .partition = partition, .fetch_offset = next, .partition_max_bytes = 1 << 18};
    const FetchRequest::FetchTopic asked{.topic_id = id, .partitions = one(place)};
    const FetchRequest request{.max_wait_ms = 0, .min_bytes = 0, .max_bytes = 1 << 20, .topics = one(asked)};
    line_.forget();
    const auto reply = co_await line_.ask({request, 16}, kPatience, cancel_);
    protocol::FetchResponse response;
    if (!reply.ok() || !line_.read(*reply, response) || response.responses.empty()) co_return std::nullopt;
    const auto& told = response.responses.front().partitions.front();
    if (told.error_code != 0) co_return std::nullopt;
    const auto batches = read_batches(told.records.bytes(), codecs_, accuse);
    if (batches.empty()) co_return std::nullopt;
    for (const ReadBatch& batch : batches) {
      if (batch.last_offset >= next) all.push_back(batch);
      next = std::max(next, batch.last_offset + 1);
    }
  }
  co_return all;
}

void Keeper::check_sequences(const PartitionBook& book, const std::vector<ReadBatch>& batches) {
  if (book.traits().compacted) return;
  std::map<std::int64_t, std::int32_t> last;
  for (const ReadBatch& batch : batches) {
    if (batch.producer_id < 0) continue;
    const auto [known, is_new] = last.emplace(batch.producer_id, batch.last_sequence);
    if (is_new) continue;
    if (batch.base_sequence != known->second + 1) {
      judge_.accuse(fmt::format("D5: {}: producer {} goes on with sequence {} after {} at {}", book.name(),
                                batch.producer_id, batch.base_sequence, known->second, batch.base_offset));
    }
    known->second = batch.last_sequence;
  }
}

// The first record at that time or later, in the order of offsets.
Task<bool> Keeper::audit_times(std::string topic, std::int32_t partition,
                               std::vector<ScannedRecord> records) {
  for (std::size_t times = 0; times < kTimes && !records.empty(); ++times) {
    const std::int64_t time =
        records[below(records.size())].timestamp + static_cast<std::int64_t>(below(3)) - 1;
    const auto found = co_await ask_for_offset(line_, topic, partition, time, cancel_);
    if (!found) co_return false;
    const auto expected = std::ranges::find_if(
        records, [time](const ScannedRecord& record) { return record.timestamp >= time; });
    const std::int64_t offset = expected == records.end() ? -1 : expected->offset;
    if (*found != offset) {
      judge_.accuse(fmt::format("D17: {}-{}: at time {} begins {}, and {} is told", topic, partition, time,
                                offset, *found));
    }
  }
  co_return true;
}

}  // namespace ottla::server
