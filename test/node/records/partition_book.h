// What is known of the records of one partition: who was told that they are there, who has read them, and what of it a
// power cut may have taken.
//
// Each record has an id of its own. A power cut begins a new generation: what is known from earlier ones may be gone from
// some offset on, and never in between (D15). Where each append is flushed, that is so for what was read before it was
// acknowledged; the reference, too, shows records that are on their way to the disk.
//
// Lifetime:    outlives the world's processes.
// Concurrency: outside of the world.
// Invariants (of what it judges):
//   D1  what was acknowledged stays, until it is below the log's start or superseded in a compacted log
//   D2  all acknowledgements and reads of one offset agree      D3  what is read was written
//   D4  what an idempotent producer sends again stands there once
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace ottla::server {

struct PartitionTraits {
  bool flushed = true;     // an acknowledgement survives everything
  bool trimmed = false;    // its log's start may move
  bool compacted = false;  // records may be superseded
  bool waiting = false;    // nothing is ever committed: too few replicas are in sync
};

struct WrittenRecord {
  std::string id;
  std::string key;
  std::int64_t timestamp = 0;
  bool once = false;  // of an idempotent producer
};

// What a read of the whole partition has shown, in its order.
struct ScannedRecord {
  std::int64_t offset = 0;
  std::string id;
  std::string key;
  std::int64_t timestamp = 0;
};

class PartitionBook {
 public:
  PartitionBook(std::string name, PartitionTraits traits, std::function<void(std::string)> accuse)
      : name_(std::move(name)), traits_(traits), accuse_(std::move(accuse)) {}

  std::uint64_t generation() const { return generation_; }
  void power_lost() { ++generation_; }

  // Before they are sent, each time.
  void sent(const WrittenRecord& record);
  // `generation`: in which it was asked for.
  void acked(std::int64_t offset, const std::string& id, std::uint64_t generation);
  void read(std::int64_t offset, const std::string& id, const std::string& key, std::uint64_t generation);
  // Where the log begins.
  void starts_at(std::int64_t offset);
  // At the end, when nothing is written any more.
  void scanned(std::int64_t start, std::int64_t end, const std::vector<ScannedRecord>& records);

  const std::string& name() const { return name_; }
  const PartitionTraits& traits() const { return traits_; }
  // Behind the last record that is known.
  std::int64_t known_end() const { return facts_.empty() ? 0 : facts_.rbegin()->first + 1; }
  std::uint64_t acknowledged() const { return acknowledged_; }

 private:
  struct Written {
    WrittenRecord record;
    std::uint64_t sent_in = 0;  // last
  };
  struct Fact {
    std::string id;
    std::uint64_t generation = 0;
    bool acked = false;
  };

  void learn(std::int64_t offset, const std::string& id, std::uint64_t generation, bool acked);
  bool may_be_gone(const Fact& fact) const {
    return fact.generation < generation_ && !(traits_.flushed && fact.acked);
  }
  // A power cut took all from there on.
  void cut_at(std::int64_t offset);
  void confirm_below(std::int64_t offset);
  void check_once(std::int64_t offset, const Written& written);
  void check_missing(std::int64_t end, const std::vector<ScannedRecord>& records);
  void accuse(const std::string& what) { accuse_(name_ + ": " + what); }

  const std::string name_;
  const PartitionTraits traits_;
  const std::function<void(std::string)> accuse_;
  std::uint64_t generation_ = 0;
  std::map<std::string, Written> written_;
  std::map<std::int64_t, Fact> facts_;
  std::map<std::string, std::int64_t> places_;  // of records that stand there once
  std::uint64_t acknowledged_ = 0;
};

}  // namespace ottla::server
