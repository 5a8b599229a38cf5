// A producer: sends batches to the partitions of a few topics, several at once, again when no answer came, and tells the
// judge what it was told.
//
// Use:         host.start([&](Process&, Cancel cancel) -> Task<int> {
//                Producer producer(terms, judge, finishes);   co_return co_await producer.run(cancel); });
// Lifetime:    of its process. The judge outlives that.
// Concurrency: confined to its process.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/slice.h"
#include "base/uuid.h"
#include "protocol/codec.h"
#include "rpc/client_connection.h"
#include "runtime/address.h"
#include "runtime/cancel.h"
#include "runtime/task.h"
#include "test/node/life/line.h"
#include "test/node/records/records_judge.h"
#include "test/node/records/records_plant.h"
#include "test/node/records/topic_view.h"

namespace ottla::server {

class Producer {
 public:
  struct Terms {
    std::size_t index = 0;
    RecordsPlant plant = RecordsPlant::none;
    Address broker = Address::loopback(0);
    std::vector<std::string> topics = {};
    bool idempotent = true;
    std::int16_t acks = -1;
  };
  Producer(Terms terms, RecordsJudge& judge, std::function<bool()> finishes);

  Task<int> run(Cancel cancel);

 private:
  struct Batch {
    std::vector<WrittenRecord> records;
    std::int32_t sequence = -1;
    Slice bytes = {};
    bool settled = false;
    std::uint64_t sent_in = 0;  // the generation
  };
  // Where a round goes.
  struct Place {
    std::string topic;
    Uuid id;
    std::int32_t partition = 0;
  };
  struct Told {
    std::int16_t code = 0;
    std::int64_t offset = -1;
  };
  enum class Verdict : std::uint8_t { settled, again, over };

  Task<void> round();
  Task<std::optional<Place>> choose();
  Task<bool> begin_session();
  std::vector<Batch> make_batches(const Place& place);
  Slice bytes_of(const Batch& batch) const;
  // True when there is nothing left to send.
  Task<bool> send_all(Place place, std::vector<Batch>& batches);
  Task<void> send_one(rpc::ClientConnection& connection, Place place, Batch& batch,
                      std::optional<Told>& told);
  Verdict judge(const Place& place, Batch& batch, const Told& told, bool is_first);
  Verdict judge_of_few(const PartitionBook& book);
  std::int32_t& next_sequence(const Place& place) { return sequences_[{place.id, place.partition}]; }
  std::uint64_t below(std::uint64_t bound);

  const Terms terms_;
  RecordsJudge& judge_;
  const std::function<bool()> finishes_;
  Line line_;
  Cancel cancel_;
  std::map<std::string, TopicView> topics_;
  std::map<std::pair<Uuid, std::int32_t>, std::int32_t> sequences_;
  std::int64_t producer_id_ = -1;
  std::int16_t producer_epoch_ = -1;
  std::uint64_t written_ = 0;
};

}  // namespace ottla::server
