#include "test/node/records/consumer.h"

#include <fmt/format.h>

#include <chrono>
#include <optional>

#include "protocol/error_code.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"
#include "test/node/records/reading.h"

namespace ottla::server {
namespace {

using protocol::ErrorCode;
using protocol::FetchRequest;
using protocol::FetchResponse;
using std::chrono::milliseconds;

constexpr std::int64_t kEarliest = -2;

}  // namespace

Consumer::Consumer(Terms terms, RecordsJudge& judge, std::function<bool()> finishes)
    : terms_(std::move(terms)),
      judge_(judge),
      finishes_(std::move(finishes)),
      line_(terms_.broker, fmt::format("consumer-{}", terms_.index)) {}

std::uint64_t Consumer::below(std::uint64_t bound) {
  return this_shard().random().below(bound);
}

Task<int> Consumer::run(Cancel cancel) {
  cancel_ = cancel;
  while (!finishes_() && !cancel.requested()) {
    (void)co_await sleep_for(milliseconds(static_cast<std::int64_t>(1 + below(20))), cancel);
    co_await round();
  }
  co_await line_.close();
  co_return 0;
}

Task<void> Consumer::round() {
  co_await find_topics();
  co_await find_positions();
  if (!positions_.empty()) co_await fetch();
}

Task<void> Consumer::find_topics() {
  for (const std::string& topic : terms_.topics) {
    if (topics_.contains(topic)) continue;
    const std::optional<TopicView> view = co_await ask_for_topic(line_, topic, cancel_);
    if (!view) continue;
    topics_.emplace(topic, *view);
    for (std::int32_t partition = 0; partition < view->partitions; ++partition) {
      positions_[{topic, partition}] = Position{.lost = true};
    }
    end_session();
  }
}

Task<void> Consumer::find_positions() {
  for (auto& [place, position] : positions_) {
    if (!position.lost) continue;
    const std::string topic = place.first;
    const std::int32_t partition = place.second;
    const Uuid id = topics_.at(topic).id;
    const std::optional<std::int64_t> earliest =
        co_await ask_for_offset(line_, topic, partition, kEarliest, cancel_);
    if (!earliest) continue;
    // It was asked by name: only if that is still the same topic does the answer concern it.
    const std::optional<TopicView> view = co_await ask_for_topic(line_, topic, cancel_);
    if (!view || view->id != id) continue;
    judge_.book(topic, id, partition).starts_at(*earliest);
    position = Position{.next = *earliest};
  }
}

Task<void> Consumer::fetch() {
  std::vector<FetchRequest::FetchTopic> topics;
  std::map<std::string, std::vector<FetchRequest::FetchPartition>> partitions;
  for (auto& [place, position] : positions_) {
    if (position.lost) continue;
    position.generation = judge_.book(place.first, topics_.at(place.first).id, place.second).generation();
    partitions[place.first].push_back(
        {.partition = place.second,
         .fetch_offset = position.next,
         .partition_max_bytes = static_cast<std::int32_t>(200 + below(100'000))});
  }
  for (const auto& [topic, each] : partitions) {
    topics.push_back({.topic = topic, .topic_id = topics_.at(topic).id, .partitions = each});
  }
  FetchRequest request;
  request.max_wait_ms = static_cast<std::int32_t>(below(400));
  request.min_bytes = static_cast<std::int32_t>(below(300));
  request.max_bytes = 1 << 20;
  request.isolation_level = terms_.read_committed ? 1 : 0;
  request.session_id = session_;
  request.session_epoch = terms_.has_session ? epoch_ : -1;
  request.topics = topics;
  line_.forget();
  const auto reply = co_await line_.ask({request, static_cast<std::int16_t>(13 + below(6))},
                                        std::chrono::seconds(2), cancel_);
  FetchResponse response;
  if (!reply.ok() || !line_.read(*reply, response) || response.error_code != 0) co_return end_session();
  if (terms_.has_session) {
    session_ = response.session_id;
    epoch_ = session_ == 0 ? 0 : epoch_ + 1;
  }
  take(response);
}

std::string Consumer::topic_of(const Uuid& id) const {
  for (const auto& [name, view] : topics_) {
    if (view.id == id) return name;
  }
  return {};
}

void Consumer::take(const FetchResponse& response) {
  for (const auto& topic : response.responses) {
    for (const auto& data : topic.partitions) {
      const std::string name = topic_of(topic.topic_id);
      if (!name.empty()) take_partition(name, data);
    }
  }
}

void Consumer::take_partition(const std::string& topic, const FetchResponse::PartitionData& data) {
  const auto place = positions_.find({topic, data.partition_index});
  if (place == positions_.end() || place->second.lost) return;
  switch (static_cast<ErrorCode>(data.error_code)) {
    case ErrorCode::none:
      return take_records(judge_.book(topic, topics_.at(topic).id, data.partition_index), place->second,
                          data);
    case ErrorCode::offset_out_of_range:
      place->second.lost = true;
      return end_session();
    case ErrorCode::unknown_topic_id:
    case ErrorCode::unknown_topic_or_partition:
    case ErrorCode::inconsistent_topic_id:
      return forget(topic);
    default:
      return;
  }
}

void Consumer::take_records(PartitionBook& book, Position& position,
                            const FetchResponse::PartitionData& data) {
  const auto accuse = [this, &book](std::string what) { judge_.accuse(book.name() + ": " + what); };
  if (book.traits().waiting && data.high_watermark > 0) {
    accuse(
        fmt::format("D8: all below {} is committed, and too few replicas are in sync", data.high_watermark));
  }
  for (const ReadBatch& batch : read_batches(data.records.bytes(), codecs_, accuse)) {
    if (batch.last_offset >= data.high_watermark || batch.last_offset >= data.last_stable_offset) {
      accuse(fmt::format("D7: {} is read, and the high watermark is {}, the last stable offset {}",
                         batch.last_offset, data.high_watermark, data.last_stable_offset));
    }
    if (batch.last_offset < position.next) accuse(fmt::format("D6: {} is read again", batch.last_offset));
    if (batch.base_offset > position.next && !book.traits().compacted) {
      accuse(fmt::format("D6: {} is read after {}", batch.base_offset, position.next - 1));
    }
    for (const ScannedRecord& record : batch.records) {
      if (record.offset < position.next) continue;
      book.read(record.offset, record.id, record.key, position.generation);
    }
    position.next = batch.last_offset + 1;
    if (terms_.plant == RecordsPlant::reader_skips && below(20) == 0) ++position.next;
  }
}

void Consumer::forget(const std::string& topic) {
  topics_.erase(topic);
  std::erase_if(positions_, [&topic](const auto& each) { return each.first.first == topic; });
  end_session();
}

}  // namespace ottla::server
