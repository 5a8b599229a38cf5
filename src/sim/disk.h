// A simulated disk: a tree of files, what of it is durable, and what a crash makes of the rest.
//
// Pure: no waiting here. Doors wait, then call; each call is one change that the page cache sees at once.
//
// Concurrency: confined to the world's one thread.
// Invariants:  1. what was synced before a crash is there after it, unless rot or loss was asked for
//              2. each change of a name is durable after a sync of its directory, and in any subset lost before
//              3. a rename is one change: both names or neither
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/intrusive_list.h"
#include "base/result.h"
#include "runtime/file_system.h"
#include "runtime/random.h"
#include "sim/disk_node.h"
#include "sim/strike.h"
#include "sim/world_options.h"

namespace ottla::sim {

// What is wrong with a disk now. Faults set it, doors obey.
struct DiskTrouble {
  std::uint32_t failing_reads = 0;  // of 256
  std::uint32_t failing_writes = 0;
  std::uint32_t failing_syncs = 0;
  bool full = false;
  bool read_only = false;
  std::uint32_t slowness = 1;  // everything takes so many times as long
  Instant stalled_until;       // nothing ends before
};

struct FlippedBit {
  std::string path;
  std::uint64_t at = 0;
  unsigned bit = 0;

  std::string to_string() const;
};

// A change that a crash may take.
struct PendingChange {
  std::uint64_t file = 0;   // its number; 0: names, of which the files may be many
  std::size_t index = 0;    // among all changes of the file, or of names
  std::uint64_t bytes = 0;  // that are written; 0: it cannot be torn
  std::string what;         // for people
};

// Something that a process has under way on its disk; the process may die over it.
class DiskOperation : public ListHook<struct DiskOperationTag> {
 public:
  virtual void process_died(Random& random) = 0;

 protected:
  ~DiskOperation() = default;
};

class Disk {
 public:
  Disk(const DiskOptions& options, std::uint64_t seed, StrikeCounts& strikes);
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  DiskTrouble trouble;
  // What lies in this directory, and what will, may have failures and no space of its own, as if it were another disk.
  // The directory has to be there. How slow it is cannot differ.
  DiskTrouble& split(std::string_view path);
  // Of the whole disk and of the part in which this lies.
  DiskTrouble trouble_at(const DiskNode& node) const;
  const DiskOptions& options() const { return options_; }
  Random& random() { return random_; }
  StrikeCounts& strikes() { return strikes_; }
  // Stamped on what changes from now on.
  void set_wall_millis(std::int64_t millis) { wall_millis_ = millis; }

  // --- Names -----------------------------------------------------------------------------------------------
  Result<DiskNodePtr> find(std::string_view path) const;
  Result<DiskNodePtr> open(std::string_view path, const OpenOptions& options);
  Result<FileStatus> status(std::string_view path) const;
  Result<std::vector<DirectoryEntry>> list(std::string_view path) const;
  // The directories in which names were made.
  Result<std::vector<DiskNodePtr>> make_directories(std::string_view path);
  Result<void> rename(std::string_view from, std::string_view to);
  Result<void> remove(std::string_view path);
  Result<void> remove_tree(std::string_view path);
  Result<void> make_socket(std::string_view path);
  void remove_socket(std::string_view path);
  Result<DiskNodePtr> parent_of(std::string_view path) const;

  // --- Bytes -----------------------------------------------------------------------------------------------
  // What fits and does not fail, from the front; the error tells why not all.
  Result<void> write(DiskNode& node, std::uint64_t offset, std::span<const std::byte> bytes,
                     std::uint64_t& written);
  Result<void> check_room(const DiskNode& node, std::uint64_t more);
  void touch(DiskNode& node) { node.modified_millis = wall_millis_; }
  DiskSpace space() const;

  // --- Durability ------------------------------------------------------------------------------------------
  std::uint64_t name_mark() const { return first_name_ + names_.size(); }
  void sync_names(const DiskNode& directory, std::uint64_t mark);
  // Everything that was there when it was called, names and bytes.
  void sync_everything();

  // --- Locks -----------------------------------------------------------------------------------------------
  Result<void> lock(std::uint64_t node, const std::string& holder);
  void unlock(std::uint64_t node) { locks_.erase(node); }

  // --- Deaths and damage -----------------------------------------------------------------------------------
  void add_operation(DiskOperation& operation) { operations_.push_back(operation); }
  void process_died();
  // Fates are drawn.
  CrashReport lose_power();
  // What is not synced: names first, then file by file, each in the order in which it was done.
  std::vector<PendingChange> pending() const;
  // One fate for each of pending(), in its order.
  CrashReport crash(const std::vector<Fate>& chosen);
  // Holds what the other one holds, with what is not synced, as if its process had died now. Troubles stay there.
  void become(const Disk& other);
  // Flips one bit in a file whose path contains `part`; nothing when there is no such file.
  std::optional<FlippedBit> flip_bit(std::string_view part);
  std::string lose_file(std::string_view part);
  // Keeps a copy of the tree under `path`, which return_copy() puts back: a stale disk, a restored snapshot.
  void keep_copy(std::string_view path);
  bool return_copy();
  void lose_everything();

  // For tests and reports: every path, sorted, directories with a slash at the end.
  std::vector<std::string> paths() const;

 private:
  struct Edit {
    DiskNodePtr directory;
    std::string name;
    DiskNodePtr before;
    DiskNodePtr after;
    bool durable = false;
  };
  struct NameChange {
    std::vector<Edit> edits;
    bool durable() const {
      for (const Edit& edit : edits) {
        if (!edit.durable) return false;
      }
      return true;
    }
  };
  struct Place {
    DiskNodePtr directory;
    std::string name;
    DiskNodePtr node;  // null when there is none
  };
  struct FoundFile {
    std::string path;
    DiskNodePtr node;
  };

  DiskNodePtr new_node(DiskNode::Kind kind);
  Result<Place> place_of(std::string_view path) const;
  void change(std::vector<Edit> edits);
  static void apply(const Edit& edit, const DiskNodePtr& node);
  void drop_durable_names();
  // What becomes of names and of each file: drawn when they are asked for, or chosen before.
  class Fates;
  class DrawnFates;
  class ChosenFates;
  CrashReport crash(Fates& fates);
  void crash_names(const std::vector<Fate>& fates, CrashReport& report);
  // Files that have a name, or had one that a crash can bring back.
  std::map<std::uint64_t, const DiskNode*> crashing_files() const;
  std::vector<FoundFile> files(std::string_view part) const;
  DiskNodePtr copy_of(const DiskNode& node);

  const DiskOptions options_;
  Random random_;
  StrikeCounts& strikes_;
  std::uint64_t used_ = 0;  // before the nodes that count in it
  std::uint64_t next_number_ = 1;
  std::int64_t wall_millis_ = 0;
  DiskNodePtr root_;
  std::uint64_t first_name_ = 0;  // number of names_.front()
  std::deque<NameChange> names_;
  std::map<std::uint64_t, std::string> locks_;
  IntrusiveList<DiskOperation, DiskOperationTag> operations_;
  std::optional<std::pair<std::string, DiskNodePtr>> copy_;
};

}  // namespace ottla::sim
