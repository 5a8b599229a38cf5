#include "test/node/records/producer.h"

#include <fmt/format.h>

#include <chrono>
#include <span>

#include "base/arena.h"
#include "base/budget.h"
#include "protocol/error_code.h"
#include "protocol/messages/init_producer_id.h"
#include "protocol/messages/produce.h"
#include "record/batch_builder.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"
#include "runtime/task_group.h"
#include "runtime/when.h"

namespace ottla::server {
namespace {

using protocol::ErrorCode;
using std::chrono::milliseconds;

constexpr int kMostTries = 30;
constexpr std::uint64_t kKeys = 5;

template <typename T>
protocol::Array<T> one(const T& element) {
  return protocol::Array<T>(&element, 1);
}

std::int64_t wall_millis() {
  return std::chrono::duration_cast<milliseconds>(this_shard().wall_now().time_since_epoch()).count();
}

}  // namespace

Producer::Producer(Terms terms, RecordsJudge& judge, std::function<bool()> finishes)
    : terms_(std::move(terms)),
      judge_(judge),
      finishes_(std::move(finishes)),
      line_(terms_.broker, fmt::format("producer-{}", terms_.index)) {}

std::uint64_t Producer::below(std::uint64_t bound) {
  return this_shard().random().below(bound);
}

Task<int> Producer::run(Cancel cancel) {
  cancel_ = cancel;
  const std::uint64_t slowest = std::uint64_t{10} << below(5);
  while (!finishes_() && !cancel.requested()) {
    (void)co_await sleep_for(milliseconds(static_cast<std::int64_t>(below(slowest))), cancel);
    co_await round();
  }
  co_await line_.close();
  co_return 0;
}

Task<std::optional<Producer::Place>> Producer::choose() {
  const std::string topic = terms_.topics[below(terms_.topics.size())];
  auto known = topics_.find(topic);
  if (known == topics_.end()) {
    const auto view = co_await ask_for_topic(line_, topic, cancel_);
    if (!view || view->partitions == 0) co_return std::nullopt;
    known = topics_.emplace(topic, *view).first;
  }
  const auto partition =
      static_cast<std::int32_t>(below(static_cast<std::uint64_t>(known->second.partitions)));
  co_return Place{.topic = topic, .id = known->second.id, .partition = partition};
}

Task<bool> Producer::begin_session() {
  if (!terms_.idempotent || producer_id_ >= 0) co_return true;
  protocol::InitProducerIdRequest request;
  request.transactional_id = nullptr;
  line_.forget();
  const auto reply = co_await line_.ask({request, 5}, std::chrono::seconds(2), cancel_);
  protocol::InitProducerIdResponse response;
  if (!reply.ok() || !line_.read(*reply, response) || response.error_code != 0) co_return false;
  judge_.producer_id(response.producer_id);
  producer_id_ = response.producer_id;
  producer_epoch_ = response.producer_epoch;
  sequences_.clear();
  co_return true;
}

std::vector<Producer::Batch> Producer::make_batches(const Place& place) {
  std::vector<Batch> batches(1 + below(3));
  for (Batch& batch : batches) {
    const std::uint64_t count = 1 + below(3);
    for (std::uint64_t i = 0; i < count; ++i) {
      batch.records.push_back({.id = fmt::format("p{}-{}", terms_.index, ++written_),
                               .key = fmt::format("k{}", below(kKeys)),
                               .timestamp = wall_millis() + static_cast<std::int64_t>(i),
                               .once = terms_.idempotent});
    }
    if (terms_.idempotent) {
      std::int32_t& next = next_sequence(place);
      batch.sequence = next;
      next += static_cast<std::int32_t>(count);
    }
    batch.bytes = bytes_of(batch);
  }
  return batches;
}

Slice Producer::bytes_of(const Batch& batch) const {
  record::BatchOptions options;
  if (terms_.idempotent && terms_.plant != RecordsPlant::retries_anew) {
    options.producer_id = producer_id_;
    options.producer_epoch = producer_epoch_;
    options.base_sequence = batch.sequence;
  }
  record::BatchBuilder builder(options);
  for (const WrittenRecord& record : batch.records) {
    const std::string value = record.id + ' ' + std::string(record.id.size() * 7 % 90, '.');
    builder.append({.timestamp = record.timestamp,
                    .key = std::as_bytes(std::span(record.key)),
                    .value = std::as_bytes(std::span(value))});
  }
  return std::move(builder).finish();
}

Task<void> Producer::round() {
  if (!co_await begin_session()) co_return;
  const std::optional<Place> place = co_await choose();
  if (!place) co_return;
  std::vector<Batch> batches = make_batches(*place);
  for (int tries = 0; tries < kMostTries && !cancel_.requested(); ++tries) {
    if (co_await send_all(*place, batches)) co_return;
    // Who does not number its batches cannot know whether they are there, and may give up.
    if (!terms_.idempotent && below(2) == 0) co_return;
    (void)co_await sleep_for(milliseconds(static_cast<std::int64_t>(below(100))), cancel_);
  }
  // What may still come must not be followed by what it does not know.
  producer_id_ = -1;
}

Task<bool> Producer::send_all(Place place, std::vector<Batch>& batches) {
  rpc::ClientConnection* const connection = co_await line_.connected(cancel_);
  if (connection == nullptr) co_return false;
  std::vector<std::optional<Told>> told(batches.size());
  TaskGroup sending;
  for (std::size_t i = 0; i < batches.size(); ++i) {
    if (!batches[i].settled) sending.spawn(send_one(*connection, place, batches[i], told[i]));
  }
  co_await sending.wait();
  bool all = true;
  bool broke = false;
  for (std::size_t i = 0; i < batches.size(); ++i) {
    if (batches[i].settled) continue;
    broke |= !told[i];
    const Verdict verdict = told[i] ? judge(place, batches[i], *told[i], all) : Verdict::again;
    if (verdict == Verdict::over) co_return true;
    batches[i].settled = verdict == Verdict::settled;
    all &= batches[i].settled;
  }
  if (broke) co_await line_.close();
  co_return all;
}

Task<void> Producer::send_one(rpc::ClientConnection& connection, Place place, Batch& batch,
                              std::optional<Told>& told) {
  using protocol::ProduceRequest;
  PartitionBook& book = judge_.book(place.topic, place.id, place.partition);
  for (const WrittenRecord& record : batch.records) book.sent(record);
  batch.sent_in = book.generation();
  const ProduceRequest::PartitionProduceData data{.index = place.partition,
                                                  .records = protocol::Records(batch.bytes.as_span())};
  const ProduceRequest::TopicProduceData topic{.topic_id = place.id, .partition_data = one(data)};
  const ProduceRequest request{.acks = terms_.acks, .timeout_ms = 5000, .topic_data = one(topic)};
  const protocol::Encodable encodable(request, 13);
  const Duration patience = milliseconds(std::int64_t{200} << below(5));
  if (terms_.acks == 0) {
    (void)co_await with_timeout(patience, cancel_, [&connection, encodable](Cancel inner) {
      return connection.send(encodable, inner);
    });
    batch.settled = true;
    co_return;
  }
  const auto reply = co_await with_timeout(patience, cancel_, [&connection, encodable](Cancel inner) {
    return connection.call(encodable, inner);
  });
  if (!reply.ok()) co_return;
  Budget budget("reply", std::size_t{1} << 20);
  Arena arena(budget);
  protocol::ProduceResponse response;
  if (!reply->read(arena, response).ok() || response.responses.empty()) co_return;
  const auto& answered = response.responses.front().partition_responses.front();
  told = Told{.code = answered.error_code, .offset = answered.base_offset};
}

// Its leader may have the records, and nobody is to see them.
Producer::Verdict Producer::judge_of_few(const PartitionBook& book) {
  if (terms_.acks == -1) {
    judge_.accuse(
        fmt::format("D13: {}: acknowledged for all, and too few replicas are in sync", book.name()));
  }
  return Verdict::settled;
}

Producer::Verdict Producer::judge(const Place& place, Batch& batch, const Told& told, bool is_first) {
  PartitionBook& book = judge_.book(place.topic, place.id, place.partition);
  ErrorCode code = static_cast<ErrorCode>(told.code);
  if (code != ErrorCode::none && terms_.plant == RecordsPlant::refusal_as_done) code = ErrorCode::none;
  switch (code) {
    case ErrorCode::none: {
      if (book.traits().waiting) return judge_of_few(book);
      std::int64_t offset = told.offset + (terms_.plant == RecordsPlant::offset_off_by_one ? 1 : 0);
      for (const WrittenRecord& record : batch.records) book.acked(offset++, record.id, batch.sent_in);
      return Verdict::settled;
    }
    case ErrorCode::duplicate_sequence_number:
      return Verdict::settled;
    case ErrorCode::out_of_order_sequence_number:
    case ErrorCode::unknown_producer_id:
    case ErrorCode::invalid_producer_epoch:
      if (!is_first) return Verdict::again;  // what was before it is not there yet
      producer_id_ = -1;
      return Verdict::over;
    case ErrorCode::unknown_topic_id:
    case ErrorCode::unknown_topic_or_partition:
    case ErrorCode::inconsistent_topic_id:
      topics_.erase(place.topic);
      producer_id_ = -1;
      return Verdict::over;
    case ErrorCode::not_enough_replicas:
      if (!book.traits().waiting) return Verdict::again;
      producer_id_ = -1;  // what was refused has left a gap
      return Verdict::over;
    case ErrorCode::not_leader_or_follower:
    case ErrorCode::leader_not_available:
    case ErrorCode::kafka_storage_error:
    case ErrorCode::request_timed_out:
    case ErrorCode::unknown_server_error:
      return Verdict::again;
    default:
      judge_.accuse(fmt::format("{}: a good batch is refused with {}", book.name(), told.code));
      return Verdict::over;
  }
}

}  // namespace ottla::server
