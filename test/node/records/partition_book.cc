#include "test/node/records/partition_book.h"

#include <fmt/format.h>

#include <iterator>
#include <utility>

namespace ottla::server {

void PartitionBook::sent(const WrittenRecord& record) {
  written_[record.id] = {.record = record, .sent_in = generation_};
}

void PartitionBook::acked(std::int64_t offset, const std::string& id, std::uint64_t generation) {
  ++acknowledged_;
  learn(offset, id, generation, true);
}

void PartitionBook::read(std::int64_t offset, const std::string& id, const std::string& key,
                         std::uint64_t generation) {
  const auto written = written_.find(id);
  if (written == written_.end())
    return accuse(fmt::format("D3: nobody wrote what stands at {}: '{}'", offset, id));
  if (written->second.record.key != key) {
    return accuse(fmt::format("D3: {} has key '{}', and was written with '{}'", offset, key,
                              written->second.record.key));
  }
  learn(offset, id, generation, false);
}

void PartitionBook::learn(std::int64_t offset, const std::string& id, std::uint64_t generation, bool acked) {
  const Written& written = written_.at(id);
  const auto known = facts_.find(offset);
  const bool is_news = known == facts_.end();
  // It was answered before the power went, and heard of after that.
  if (generation < generation_ && !(traits_.flushed && acked)) {
    if (is_news) facts_[offset] = {.id = id, .generation = generation, .acked = acked};
    return;
  }
  if (!is_news && known->second.id != id) {
    if (!may_be_gone(known->second)) {
      return accuse(fmt::format("D2: at {} stands {}, and {} was {} there", offset, id, known->second.id,
                                known->second.acked ? "acknowledged" : "read"));
    }
    cut_at(offset);
  } else if (written.sent_in == generation_ && is_news) {
    cut_at(offset);
  } else if (!is_news && written.sent_in < generation_) {
    confirm_below(offset);
  }
  if (written.record.once) check_once(offset, written);
  Fact& fact = facts_[offset];
  fact = {.id = id, .generation = generation_, .acked = acked || fact.acked};
}

void PartitionBook::check_once(std::int64_t offset, const Written& written) {
  const auto [place, is_new] = places_.emplace(written.record.id, offset);
  if (is_new || place->second == offset) return;
  const auto other = facts_.find(place->second);
  const bool stands = other != facts_.end() && other->second.id == written.record.id;
  if (stands && !may_be_gone(other->second)) {
    accuse(fmt::format("D4: {} stands at {} and at {}", written.record.id, place->second, offset));
  } else if (stands) {
    cut_at(place->second);
  }
  place->second = offset;
}

void PartitionBook::cut_at(std::int64_t offset) {
  for (auto at = facts_.lower_bound(offset); at != facts_.end();) {
    at = may_be_gone(at->second) ? facts_.erase(at) : std::next(at);
  }
}

void PartitionBook::confirm_below(std::int64_t offset) {
  for (auto at = facts_.begin(); at != facts_.end() && at->first <= offset; ++at)
    at->second.generation = generation_;
}

void PartitionBook::starts_at(std::int64_t offset) {
  if (offset > 0 && !traits_.trimmed && !traits_.compacted) {
    accuse(fmt::format("D1: the log begins at {}, and nobody may delete anything", offset));
  }
  if (traits_.trimmed) facts_.erase(facts_.begin(), facts_.lower_bound(offset));
}

void PartitionBook::scanned(std::int64_t start, std::int64_t end, const std::vector<ScannedRecord>& records) {
  starts_at(start);
  std::int64_t next = start;
  for (const ScannedRecord& record : records) {
    if (record.offset != next && !traits_.compacted) {
      accuse(fmt::format("D6: {} follows upon {}", record.offset, next - 1));
    }
    next = record.offset + 1;
    read(record.offset, record.id, record.key, generation_);
  }
  if (next != end && !traits_.compacted)
    accuse(fmt::format("D6: the log ends at {}, and is read up to {}", end, next));
  check_missing(end, records);
}

void PartitionBook::check_missing(std::int64_t end, const std::vector<ScannedRecord>& records) {
  std::set<std::int64_t> there;
  std::map<std::string, std::int64_t> last_of_key;
  for (const ScannedRecord& record : records) {
    there.insert(record.offset);
    last_of_key[record.key] = record.offset;
  }
  for (const auto& [offset, fact] : facts_) {
    if (!fact.acked || there.contains(offset)) continue;
    if (offset >= end && may_be_gone(fact)) continue;
    const std::string& key = written_.at(fact.id).record.key;
    const auto last = last_of_key.find(key);
    if (traits_.compacted && last != last_of_key.end() && last->second > offset) continue;
    accuse(
        fmt::format("D1: {} was acknowledged at {} and is gone; the log ends at {}", fact.id, offset, end));
  }
}

}  // namespace ottla::server
