// What lies on a simulated disk: a file with the history of its un-synced changes, a directory, or a socket.
//
// Concurrency: confined to the world's one thread.
// Invariants:  1. taking the un-synced changes back, last first, gives what a crash keeps for sure
//              2. changes that are durable stand in the history only behind ones that are not
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/random.h"
#include "sim/content.h"
#include "sim/strike.h"

namespace ottla::sim {

struct DiskTrouble;
class MappedView;
struct CrashReport;

// How much of what was not synced a crash keeps.
enum class Survival : std::uint8_t { nothing, everything, prefix, any_subset };

// What a crash makes of one change that was not synced. Only writes can be torn; of what was synced nothing is lost,
// whatever its fate says.
struct Fate {
  enum class Kind : std::uint8_t { kept, lost, first_bytes, some_sectors };

  Kind kind = Kind::kept;
  std::uint64_t bytes = 0;         // the first ones
  std::vector<bool> sectors = {};  // which of those that the write touches
};

class FileData {
 public:
  // Counts its bytes in `used` as long as it lives.
  explicit FileData(std::uint64_t& used) : used_(used) {}
  FileData(const FileData&) = delete;
  FileData& operator=(const FileData&) = delete;
  ~FileData() { used_ -= content_.size(); }

  const Content& content() const { return content_; }
  void write(std::uint64_t offset, std::span<const std::byte> bytes);
  void resize(std::uint64_t size);
  // As if these had always been its bytes, and durable.
  void replace(Content content);
  // Flips bits for good.
  void rot(std::uint64_t at, std::byte flipped);

  // --- Syncs -----------------------------------------------------------------------------------------------
  // A mark behind the last change so far.
  std::uint64_t mark() const { return first_ + changes_.size(); }
  // What stands before the mark survives every crash.
  void make_durable(std::uint64_t mark);
  // The system forgot that what stands before the mark was never written: no later sync covers it.
  void orphan(std::uint64_t mark);
  bool has_unsynced() const { return !changes_.empty(); }

  // --- Crashes ---------------------------------------------------------------------------------------------
  // Changes that are remembered, from mark() - changes() on; some of them may be durable.
  std::size_t changes() const { return changes_.size(); }
  bool is_durable(std::size_t index) const { return changes_[index].state == State::durable; }
  std::uint64_t offset_of(std::size_t index) const { return changes_[index].offset; }
  // 0: the size was set to its offset.
  std::uint64_t length_of(std::size_t index) const { return changes_[index].length; }
  // One for each change, as are those that crash() takes.
  std::vector<Fate> draw_fates(Survival survival, Random& random) const;
  void crash(const std::vector<Fate>& fates, CrashReport& report);
  // With all its history.
  void become(const FileData& other);

 private:
  enum class State : std::uint8_t { unsynced, durable, orphaned };
  struct Change {
    std::uint64_t offset;
    std::uint64_t length;  // 0: the size was set to `offset`
    std::uint64_t old_size;
    std::vector<std::byte> old_bytes;  // what stood there before
    State state = State::unsynced;
  };
  struct Redo {
    std::uint64_t offset;
    std::vector<std::byte> bytes;
    bool resizes;
    State state;
  };

  static Fate draw_tear(const Change& change, Random& random);
  std::vector<std::byte> copy(std::uint64_t from, std::uint64_t to) const;
  void set_size(std::uint64_t size);
  void put(std::uint64_t offset, std::span<const std::byte> bytes);
  std::vector<Redo> take_back_all();
  void redo(const Redo& change, const Fate& fate, CrashReport& report);

  std::uint64_t& used_;
  Content content_;
  std::uint64_t first_ = 0;  // number of changes_.front()
  std::deque<Change> changes_;
};

struct DiskNode {
  enum class Kind : std::uint8_t { file, directory, socket };

  DiskNode(Kind kind_of_it, std::uint64_t number_of_it, std::uint64_t& used)
      : kind(kind_of_it), number(number_of_it), data(used) {}

  const Kind kind;
  const std::uint64_t number;
  std::int64_t modified_millis = 0;
  FileData data;                             // of a file
  std::uint64_t reserved = 0;                // preallocated up to there
  std::shared_ptr<DiskTrouble> own_trouble;  // of the part of the disk in which it lies: Disk::split()
  bool cold = false;                         // not in the page cache
  std::size_t open_files = 0;
  bool sync_failed = false;                                               // until nobody has it open
  std::vector<MappedView*> views;                                         // living mappings
  std::map<std::string, std::shared_ptr<DiskNode>, std::less<>> entries;  // of a directory
};
using DiskNodePtr = std::shared_ptr<DiskNode>;

// What a crash did.
struct CrashReport {
  std::uint64_t operations = 0;  // that were not synced
  std::uint64_t writes_lost = 0;
  std::uint64_t writes_torn = 0;
  std::uint64_t names_lost = 0;
  std::uint64_t hash = 0;

  void note(std::uint64_t value) { hash = (hash ^ value) * 0x9fb21c651e98df25ULL; }
  std::string text() const;
};

}  // namespace ottla::sim
