// The books of all partitions, by the ids of their topics.
//
// Concurrency: outside of the world.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/uuid.h"
#include "test/node/records/partition_book.h"

namespace ottla::server {

// The kinds of topics that there are, and how each is made.
struct TopicKind {
  std::string_view name;
  PartitionTraits traits;
  std::int32_t partitions = 1;
  std::map<std::string_view, std::string_view> configs = {};
};
const std::vector<TopicKind>& topic_kinds();
const TopicKind& topic_kind(std::string_view name);

class RecordsJudge {
 public:
  explicit RecordsJudge(std::function<void(std::string)> accuse) : accuse_(std::move(accuse)) {}

  PartitionBook& book(const std::string& topic, const Uuid& id, std::int32_t partition);
  void power_lost();
  void producer_id(std::int64_t id);
  void accuse(std::string what) { accuse_(std::move(what)); }
  std::uint64_t acknowledged() const;

 private:
  const std::function<void(std::string)> accuse_;
  std::map<std::pair<Uuid, std::int32_t>, std::unique_ptr<PartitionBook>> books_;
  std::set<std::int64_t> producer_ids_;
};

}  // namespace ottla::server
