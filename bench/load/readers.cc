#include "bench/load/readers.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <stdexcept>
#include <utility>

#include "base/arena.h"
#include "base/budget.h"
#include "protocol/array.h"
#include "protocol/codec.h"
#include "protocol/messages/fetch.h"
#include "runtime/task_group.h"

namespace ottla::bench {
namespace {

using protocol::Array;
using protocol::Encodable;
using protocol::FetchRequest;

// What a consumer asks for when nobody tells it otherwise.
constexpr std::int16_t kVersion = 16;
constexpr std::int32_t kMaxWaitMs = 500;
constexpr std::int32_t kMaxBytes = 50 << 20;
constexpr std::int32_t kPartitionMaxBytes = 1 << 20;
constexpr std::size_t kReplyMemory = std::size_t{64} << 20U;

}  // namespace

void Readers::take_records(std::span<const std::byte> records, Place& place) {
  bytes_ += records.size();
  while (!records.empty()) {
    const auto batch = record::BatchView::first_of(records);
    if (!batch.ok()) return;  // the last one may be cut off
    if (batch->base_offset().raw() != place.next)
      throw std::runtime_error(fmt::format("partition {}: offset {} where {} was due", place.partition,
                                           batch->base_offset().raw(), place.next));
    place.next = batch->last_offset().value().raw() + 1;
    on_batch_(place.partition, *batch);
    records = records.subspan(batch->size());
  }
}

void Readers::take(const rpc::Reply& reply, std::vector<Place>& places) {
  ++fetches_;
  Budget budget("reply", kReplyMemory);
  Arena arena(budget);
  protocol::FetchResponse response;
  reply.read(arena, response).value();
  if (response.error_code != 0)
    throw std::runtime_error(fmt::format("a fetch failed: error {}", response.error_code));
  for (const auto& topic : response.responses) {
    for (const auto& answer : topic.partitions) {
      if (will_pass(answer.error_code)) continue;
      if (answer.error_code != 0)
        throw std::runtime_error(
            fmt::format("partition {} cannot be read: error {}", answer.partition_index, answer.error_code));
      const auto place = std::ranges::find(places, answer.partition_index, &Place::partition);
      if (place == places.end()) throw std::runtime_error("a partition that was not asked for");
      place->end = answer.high_watermark;
      if (!answer.records.is_null()) take_records(answer.records.bytes(), *place);
    }
  }
  // The first that were answered come last the next time, so that none is left out when the answer is full.
  std::ranges::rotate(places, places.begin() + (places.size() > 1 ? 1 : 0));
}

Task<void> Readers::loop(rpc::ClientConnection& connection, std::vector<Place> places, Until until,
                         Cancel cancel) {
  while (!places.empty() && !cancel.requested()) {
    std::vector<FetchRequest::FetchPartition> wanted(places.size());
    for (std::size_t each = 0; each < places.size(); ++each) {
      wanted[each].partition = places[each].partition;
      wanted[each].fetch_offset = places[each].next;
      wanted[each].partition_max_bytes = kPartitionMaxBytes;
    }
    FetchRequest::FetchTopic topic;
    topic.topic_id = topic_.id;
    topic.partitions = Array<FetchRequest::FetchPartition>(wanted);
    FetchRequest request;
    request.max_wait_ms = kMaxWaitMs;
    request.min_bytes = 1;
    request.max_bytes = kMaxBytes;
    request.topics = Array<FetchRequest::FetchTopic>(std::span(&topic, 1));
    const Result<rpc::Reply> reply = co_await connection.call(Encodable(request, kVersion), cancel);
    if (!reply.ok() && cancel.requested()) co_return;
    take(reply.value(), places);
    if (until == Until::end)
      std::erase_if(places, [](const Place& place) { return place.next == place.end; });
  }
}

Task<void> Readers::run(Until until, Cancel cancel) {
  Connections connections = co_await connect(port_, count_, cancel);
  TaskGroup group(cancel);
  for (std::size_t each = 0; each < connections.size(); ++each) {
    std::vector<Place> places;
    for (auto partition = static_cast<std::int32_t>(each); partition < topic_.partitions;
         partition += static_cast<std::int32_t>(count_))
      places.push_back({.partition = partition});
    group.spawn(loop(*connections[each], std::move(places), until, group.cancel_token()));
  }
  co_await group.wait();
  co_await close(std::move(connections));
}

}  // namespace ottla::bench
