// A node with two log directories and one partition, "t-0", whose power goes: what its logs, their checkpoints and the
// directories' own files must say afterwards.
//
// Lifetime:    a subject outlives the world in which it runs. Its heir has a copy of what it knows.
// Concurrency: confined to the world's one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/offset.h"
#include "base/result.h"
#include "runtime/process.h"
#include "storage/directory/log_directory.h"
#include "storage/directory/log_set.h"
#include "storage/format/offset_checkpoint.h"
#include "test/storage/crashes/every_crash.h"
#include "test/storage/log/broken_doors.h"
#include "test/storage/log/fingerprint.h"
#include "test/storage/log/log_model.h"

namespace ottla::storage {

enum class NodeStep : std::uint8_t {
  name_directories,  // meta.properties
  create,            // the partition's log, in "a"
  append,
  next_epoch,
  flush,
  raise_high_watermark,
  save_checkpoints,
  truncate,        // the last two batches
  delete_records,  // the first two
  restart,         // further on
  begin_move,      // a future log, in "b"
  copy,
  replace,
  call_off_move,
  remove,
  stop,  // in good order, and on with the next step after a new start
};

struct NodeStory {
  std::string_view name;
  std::deque<NodeStep> steps;

  friend void PrintTo(const NodeStory& story, std::ostream* out) { *out << story.name; }
};
const std::vector<NodeStory>& node_stories();

class NodeSubject final : public CrashSubject {
 public:
  NodeSubject(std::deque<NodeStep> steps, Plant plant);

  Task<int> main(Process& process, Cancel cancel) override;
  bool goes_on() const override { return !steps_.empty(); }
  std::unique_ptr<CrashSubject> heir() const override;
  std::uint64_t expectation() const override;
  const std::vector<std::string>& findings() const override { return findings_; }

 private:
  struct Life;
  static constexpr std::size_t kKinds = 4;
  static constexpr std::size_t kDirectories = 2;

  // What a file says of something; nothing: it says nothing, or is not there.
  struct Said {
    std::optional<std::int64_t> now = {};
    std::optional<std::int64_t> next = {};  // what is being written, if something is
    bool is_changing = false;
    bool is_lowered = false;  // by who opens the log: to its end, wherever that is

    bool may_be(std::optional<std::int64_t> value) const;
    void begin(std::optional<std::int64_t> value);
    void end();
    void print(Fingerprint& into) const;
  };
  using Checkpoints = std::array<Said, kKinds>;

  // Where the partition's log may be found.
  struct Whereabouts {
    bool nowhere = true;
    bool in_a = false;
    bool in_b = false;
    bool in_both = false;
  };

  struct Facts {
    LogModel model;
    Whereabouts where;
    bool is_named = false;  // it has its topic's id, durably
    // The future log holds what a crash took from the log, until it is copied again.
    bool future_is_ahead = false;
    std::array<Checkpoints, kDirectories> checkpoints;
    std::array<Said, kDirectories> identities;  // 1 once it is written
    std::array<Said, kDirectories> clean;       // the same of the mark
    Offset least_start;                         // the log's; what is durable
    Offset most_start;                          // what was asked for
    Offset restarting_at = Offset(-1);
    std::int32_t epoch = 0;
  };

  // node_checks.cc
  Task<bool> open(Life& life);
  Task<bool> open_directory(Life& life, std::size_t which);
  Task<bool> look_at_checkpoints(Life& life, std::size_t which);
  Task<bool> load(Life& life, std::size_t which);
  Task<void> look(Life& life);
  bool look_where(Life& life);
  Task<bool> look_into(Log& log, bool is_future);
  bool judge_batches(const Log& log, std::string_view bytes, bool is_future);

  // node_steps.cc
  Task<void> take(Life& life, NodeStep step);
  Task<void> name_directories(Life& life);
  Task<void> create(Life& life, bool is_future);
  Task<void> append(Life& life);
  Task<void> flush(Life& life);
  Task<void> save(Life& life);
  Task<void> truncate(Life& life);
  Task<void> delete_records(Life& life);
  Task<void> restart(Life& life);
  Task<void> copy(Life& life);
  Task<void> replace(Life& life);
  Task<void> remove(Life& life, bool is_future);
  Task<void> close(Life& life);
  void begin_lowering(std::size_t which, Offset offset);
  void begin_forgetting(std::size_t which, bool only_the_cleaners);
  void end_changes();
  static bool has_id(const Life& life);
  void was_flushed(Offset end, bool has_id);

  bool fine(const char* what, const Result<void>& result);
  void find(std::string what);
  bool good() const { return findings_.empty(); }

  std::deque<NodeStep> steps_;
  const Plant plant_;
  Facts facts_;
  bool crashed_ = false;  // before this life
  bool is_heir_ = false;
  std::vector<std::string> findings_;
  std::vector<std::string> notes_;
};

}  // namespace ottla::storage
