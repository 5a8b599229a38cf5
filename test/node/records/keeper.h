// The one who keeps the topics: makes them, deletes what may be deleted, and, in the end, reads all of them from their
// beginnings to their ends and looks offsets up by time.
//
// Use:         as a Producer; `audits`: nobody writes any more.
// Lifetime:    of its process. The judge outlives that.
// Concurrency: confined to its process.
// Invariants (of what it judges):
//   D8  of what too few replicas have, nothing is committed
//   D5  sequences of a producer's session are contiguous        D17  offsets by time agree with what is read
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "record/compression/codec_pool.h"
#include "runtime/address.h"
#include "runtime/cancel.h"
#include "runtime/task.h"
#include "test/node/life/line.h"
#include "test/node/records/reading.h"
#include "test/node/records/records_judge.h"
#include "test/node/records/records_plant.h"
#include "test/node/records/topic_view.h"

namespace ottla::server {

class Keeper {
 public:
  struct Terms {
    RecordsPlant plant = RecordsPlant::none;
    Address broker = Address::loopback(0);
    Address controller = Address::loopback(0);
    std::vector<std::string> topics = {};
  };
  Keeper(Terms terms, RecordsJudge& judge, std::function<bool()> audits);

  Task<int> run(Cancel cancel);

 private:
  struct Span {
    std::int64_t start = 0;
    std::int64_t end = 0;
  };

  Task<void> create(std::string topic);
  Task<void> remove(std::string topic);
  Task<void> delete_records(std::string topic);
  // False when something was not answered, and has to be asked again.
  Task<bool> audit(std::string topic);
  Task<bool> audit_partition(std::string topic, TopicView view, std::int32_t partition);
  Task<bool> audit_nothing(Uuid id, std::int32_t partition, PartitionBook& book);
  Task<std::optional<std::vector<ReadBatch>>> read_all(Uuid id, std::int32_t partition, Span span,
                                                       std::string name);
  Task<bool> audit_times(std::string topic, std::int32_t partition, std::vector<ScannedRecord> records);
  void check_sequences(const PartitionBook& book, const std::vector<ReadBatch>& batches);
  std::uint64_t below(std::uint64_t bound);

  const Terms terms_;
  RecordsJudge& judge_;
  const std::function<bool()> audits_;
  Line line_;
  Line controller_line_;
  Cancel cancel_;
  record::CodecPool codecs_;
};

}  // namespace ottla::server
