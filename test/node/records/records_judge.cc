#include "test/node/records/records_judge.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/invariant.h"

namespace ottla::server {

const std::vector<TopicKind>& topic_kinds() {
  static const std::vector<TopicKind> kinds = {
      {.name = "strict", .traits = {}, .partitions = 2, .configs = {{"flush.messages", "1"}}},
      {.name = "rolling",
       .traits = {},
       .configs = {{"flush.messages", "1"}, {"segment.ms", "200"}, {"index.interval.bytes", "1"}}},
      {.name = "lazy", .traits = {.flushed = false}, .partitions = 2},
      {.name = "aging",
       .traits = {.trimmed = true},
       .configs = {{"flush.messages", "1"},
                   {"retention.ms", "1500"},
                   {"segment.ms", "200"},
                   {"file.delete.delay.ms", "100"}}},
      {.name = "keyed",
       .traits = {.compacted = true},
       .configs = {{"flush.messages", "1"},
                   {"cleanup.policy", "compact"},
                   {"segment.ms", "200"},
                   {"min.cleanable.dirty.ratio", "0.01"},
                   {"file.delete.delay.ms", "100"}}},
      {.name = "trimmed",
       .traits = {.trimmed = true},
       .configs = {{"flush.messages", "1"}, {"segment.ms", "200"}}},
      {.name = "packed", .traits = {}, .configs = {{"flush.messages", "1"}, {"compression.type", "lz4"}}},
      {.name = "brief", .traits = {}, .configs = {{"flush.messages", "1"}, {"file.delete.delay.ms", "100"}}},
      {.name = "lonely",
       .traits = {.waiting = true},
       .configs = {{"flush.messages", "1"}, {"min.insync.replicas", "2"}}},
  };
  return kinds;
}

const TopicKind& topic_kind(std::string_view name) {
  const auto found = std::ranges::find(topic_kinds(), name, &TopicKind::name);
  OTTLA_INVARIANT(found != topic_kinds().end(), "there is no such kind of topics", name);
  return *found;
}

PartitionBook& RecordsJudge::book(const std::string& topic, const Uuid& id, std::int32_t partition) {
  std::unique_ptr<PartitionBook>& book = books_[{id, partition}];
  if (!book) {
    book = std::make_unique<PartitionBook>(fmt::format("{}-{}", topic, partition), topic_kind(topic).traits,
                                           accuse_);
  }
  return *book;
}

void RecordsJudge::power_lost() {
  for (const auto& [key, book] : books_) book->power_lost();
}

void RecordsJudge::producer_id(std::int64_t id) {
  if (!producer_ids_.insert(id).second) accuse(fmt::format("T6: producer id {} is given twice", id));
}

std::uint64_t RecordsJudge::acknowledged() const {
  std::uint64_t sum = 0;
  for (const auto& [key, book] : books_) sum += book->acknowledged();
  return sum;
}

}  // namespace ottla::server
