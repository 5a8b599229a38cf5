// Copies a partition's log into its future log, in another log directory, until the one can take the other's place.
//
// It reads as a follower would and appends what it reads as it is, so that both hold the same batches; segments may
// begin elsewhere. It goes after the log when records are taken back at its end or deleted at its beginning. Nothing
// of it is kept on the disk: after a restart another one goes on where the future log ends.
//
// Use:         a task of the owner's runs it; then the owner holds appends back and lets it have the rest:
//                if ((co_await move.run(cancel)).end == MoveEnd::caught_up) {
//                  … no appends, truncations or deletions of this partition from here on …
//                  if ((co_await move.finish(cancel)).end == MoveEnd::caught_up)
//                    co_await logs.replace_with_future(partition);
//                }
// Lifetime:    outlived by the set of logs and the pace. The logs themselves may go at any time.
// Concurrency: confined to the logs' shard; one move of a partition at a time, and nobody else appends to its future
//              log. The set's cleaner leaves both alone as long as there is a future log.
// Invariants:  1. the log is read and nothing else: whatever happens to a move, it stays as it is
//              2. once caught_up, what is durable in the log is so in the future log, too
// Memory:      one portion (MoveOptions::portion_bytes, or the largest batch).
// Errors:      MoveOutcome; run() may be called again after any of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/offset.h"
#include "base/result.h"
#include "base/slice.h"
#include "base/topic_partition.h"
#include "runtime/cancel.h"
#include "runtime/task.h"
#include "storage/directory/log_set.h"
#include "storage/io_pace.h"
#include "storage/log/append_outcome.h"
#include "storage/log/log.h"

namespace ottla::storage {

enum class MoveEnd : std::uint8_t {
  caught_up,
  cancelled,
  source_gone,     // the log was deleted, or is being closed
  target_gone,     // the same of the future log: the move was called off
  source_offline,  // a disk failed
  target_offline,
  target_full,    // no space; the future log is as it was before
  source_rotten,  // bytes that are no good batches
  failed,         // of all else
};
std::string_view name_of(MoveEnd end);

struct MoveOutcome {
  MoveEnd end = MoveEnd::caught_up;
  std::optional<Error> error = {};  // what was in the way
};

struct MoveOptions {
  std::uint64_t portion_bytes = std::uint64_t{1} << 20;
};

class LogMove {
 public:
  // `pace` is shared by all moves of a shard: replica.alter.log.dirs.io.max.bytes.per.second.
  LogMove(LogSet& logs, TopicPartition partition, IoPace& pace, MoveOptions options = {})
      : logs_(logs), partition_(std::move(partition)), pace_(pace), options_(options) {}

  // Until there is nothing more to copy. Background work, within the pace.
  Task<MoveOutcome> run(Cancel cancel);
  // The same at once and in the foreground, while somebody waits for it.
  Task<MoveOutcome> finish(Cancel cancel);

  const TopicPartition& partition() const { return partition_; }
  std::uint64_t copied_bytes() const { return copied_bytes_; }
  // How many offsets the future log is behind; nothing when one of the two is gone.
  std::optional<std::int64_t> lag() const;

 private:
  struct Logs {
    Log* source = nullptr;
    Log* target = nullptr;
  };
  // What has to become of the future log before anything can be appended to it.
  struct Cut {
    Offset at;
    bool starts_over = false;
  };
  using Done = std::optional<MoveOutcome>;  // nothing: go on

  Task<MoveOutcome> copy(bool paced, Cancel cancel);
  // Each of these looks for the logs anew, since they may go whenever a coroutine waits.
  Done find(Logs& logs) const;
  Task<Done> cut(Cut cut);
  Task<Done> copy_portion(bool& is_last);
  Task<Done> make_way(Offset first);
  Task<Done> append(Slice bytes);
  Task<Done> skip_to(Offset end);
  Task<Done> settle();
  Task<Done> follow_marks();
  Task<Done> copy_epochs();

  // Whether the future log stands where it can go on. Looks at memory only.
  std::optional<Cut> check(const Logs& logs);
  bool is_new_to_me(const Log& source) const;
  // Final, or to be tried again.
  Done source_failed(Error error, bool was_cut);
  Done target_failed(Error error);
  Done refused(const AppendOutcome& appended, bool was_cut);
  Done try_again(Error error);

  LogSet& logs_;
  const TopicPartition partition_;
  IoPace& pace_;
  const MoveOptions options_;
  std::uint64_t copied_bytes_ = 0;
  const Log* seen_ = nullptr;  // the log that was looked at last, and how often it had been cut then
  std::uint64_t seen_cuts_ = 0;
  std::uint32_t fruitless_ = 0;  // attempts in a row
};

}  // namespace ottla::storage
