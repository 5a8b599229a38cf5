#include "test/storage/crashes/node_subject.h"

#include <utility>

#include "test/storage/crashes/node_life.h"

namespace ottla::storage {

NodeSubject::NodeSubject(std::deque<NodeStep> steps, Plant plant) : steps_(std::move(steps)), plant_(plant) {}

std::unique_ptr<CrashSubject> NodeSubject::heir() const {
  auto heir = std::make_unique<NodeSubject>(*this);
  heir->crashed_ = true;
  heir->steps_.clear();
  return heir;
}

void NodeSubject::Said::print(Fingerprint& into) const {
  into.add(now.value_or(-1));
  into.add(is_changing ? next.value_or(-1) : -2);
  into.add(is_lowered ? 1 : 0);
}

std::uint64_t NodeSubject::expectation() const {
  Fingerprint print;
  facts_.model.print(print);
  const Whereabouts& where = facts_.where;
  print.add((where.nowhere ? 1 : 0) + (where.in_a ? 2 : 0) + (where.in_b ? 4 : 0) + (where.in_both ? 8 : 0) +
            (facts_.is_named ? 16 : 0) + (facts_.future_is_ahead ? 32 : 0));
  for (std::size_t i = 0; i < kDirectories; ++i) {
    for (const Said& said : facts_.checkpoints[i]) said.print(print);
    facts_.identities[i].print(print);
    facts_.clean[i].print(print);
  }
  for (const Offset offset : {facts_.least_start, facts_.most_start, facts_.restarting_at})
    print.add(offset.raw());
  return print.value();
}

bool NodeSubject::fine(const char* what, const Result<void>& result) {
  if (!result.ok()) find(std::string(what) + ": " + result.error().to_string());
  return result.ok();
}

void NodeSubject::find(std::string what) {
  for (const std::string& note : notes_) what += "\n    " + note;
  findings_.push_back(std::move(what));
}

Task<int> NodeSubject::main(Process& process, Cancel) {
  const std::vector<sim::FlippedBit> nothing;
  const std::unique_ptr<FileSystem> doors =
      break_doors(process.shard(ShardId(0)).files(), plant_, 1, nothing);
  Life life(*doors);
  if (co_await open(life)) {
    co_await look(life);
    crashed_ = false;
    while (good() && !steps_.empty()) {
      const NodeStep step = steps_.front();
      steps_.pop_front();
      if (step == NodeStep::stop) break;
      co_await take(life, step);
    }
  }
  co_await close(life);
  life.logs.reset();
  co_await life.box.close();
  co_return 0;
}

// --- Stories ------------------------------------------------------------------------------------------------

const std::vector<NodeStory>& node_stories() {
  using enum NodeStep;
  static const std::vector<NodeStory> stories = {
      {"a_partition_is_created", {name_directories, create, append, flush, append}},
      {"checkpoints_are_written",
       {create, append, append, flush, raise_high_watermark, save_checkpoints, append, save_checkpoints}},
      {"records_are_deleted",
       {create, append, append, append, append, append, flush, delete_records, save_checkpoints, append}},
      {"what_was_checkpointed_is_cut_off",
       {create, append, append, append, append, flush, raise_high_watermark, save_checkpoints, truncate,
        append, flush, save_checkpoints}},
      {"a_log_begins_anew",
       {create, append, append, flush, raise_high_watermark, save_checkpoints, restart, append,
        save_checkpoints}},
      {"a_log_moves",
       {create, append, append, append, append, flush, save_checkpoints, begin_move, copy, replace, append,
        flush}},
      {"a_move_is_called_off", {create, append, flush, begin_move, copy, call_off_move, append}},
      {"a_move_goes_on_after_a_stop",
       {create, append, next_epoch, append, begin_move, copy, stop, append, copy, replace, append}},
      {"a_partition_is_removed", {create, append, flush, save_checkpoints, remove}},
      {"a_partition_comes_again", {create, append, append, flush, save_checkpoints, remove, create, append}},
      {"a_node_stops", {name_directories, create, append, append, stop, append, stop, append}},
  };
  return stories;
}

}  // namespace ottla::storage
