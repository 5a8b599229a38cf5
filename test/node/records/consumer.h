// A consumer: reads the partitions of its topics from their beginning on, with a fetch session or without, waits at their
// ends, and tells the judge what it has read.
//
// Use:         as a Producer.
// Lifetime:    of its process. The judge outlives that.
// Concurrency: confined to its process.
// Invariants (of what it judges):
//   D6  offsets rise; there are no gaps but in compacted logs       D7  nothing at or above the high watermark is read
//   D16 what is read has a good checksum
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/uuid.h"
#include "protocol/messages/fetch.h"
#include "record/compression/codec_pool.h"
#include "runtime/address.h"
#include "runtime/cancel.h"
#include "runtime/task.h"
#include "test/node/life/line.h"
#include "test/node/records/records_judge.h"
#include "test/node/records/records_plant.h"
#include "test/node/records/topic_view.h"

namespace ottla::server {

class Consumer {
 public:
  struct Terms {
    std::size_t index = 0;
    RecordsPlant plant = RecordsPlant::none;
    Address broker = Address::loopback(0);
    std::vector<std::string> topics = {};
    bool has_session = true;
    bool read_committed = false;
  };
  Consumer(Terms terms, RecordsJudge& judge, std::function<bool()> finishes);

  Task<int> run(Cancel cancel);

 private:
  struct Position {
    std::int64_t next = 0;
    std::uint64_t generation = 0;  // in which it was asked for
    bool lost = false;             // to be looked up
  };

  Task<void> round();
  Task<void> find_topics();
  Task<void> find_positions();
  Task<void> fetch();
  void take(const protocol::FetchResponse& response);
  void take_partition(const std::string& topic, const protocol::FetchResponse::PartitionData& data);
  void take_records(PartitionBook& book, Position& position,
                    const protocol::FetchResponse::PartitionData& data);
  void forget(const std::string& topic);
  void end_session() { session_ = 0, epoch_ = 0; }
  std::string topic_of(const Uuid& id) const;
  std::uint64_t below(std::uint64_t bound);

  const Terms terms_;
  RecordsJudge& judge_;
  const std::function<bool()> finishes_;
  Line line_;
  Cancel cancel_;
  record::CodecPool codecs_;
  std::map<std::string, TopicView> topics_;
  std::map<std::pair<std::string, std::int32_t>, Position> positions_;
  std::int32_t session_ = 0;
  std::int32_t epoch_ = 0;
};

}  // namespace ottla::server
