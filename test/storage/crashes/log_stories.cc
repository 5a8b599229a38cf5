#include "test/storage/crashes/log_stories.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <iterator>
#include <string>
#include <utility>

#include "base/invariant.h"

namespace ottla::storage {
namespace {

using enum LogStep::What;

struct Word {
  std::string_view word;
  LogStep::What what;
};
constexpr Word kWords[] = {{"append", append},
                           {"append_again", append_again},
                           {"flush", flush},
                           {"roll", roll},
                           {"truncate", truncate},
                           {"restart", restart},
                           {"delete_records", delete_records},
                           {"expire", expire},
                           {"save", save_checkpoints},
                           {"look", look},
                           {"clean", clean},
                           {"wait_clean", wait_clean},
                           {"next_epoch", next_epoch},
                           {"pass", pass_time},
                           {"die", die}};

// "append 2, roll, die; append 1": two lives.
LogScript script_of(std::string_view text) {
  LogScript script;
  const auto take = [&](char end) {
    const std::size_t size = std::min(text.find(end), text.size());
    const std::string_view taken = text.substr(0, size);
    text.remove_prefix(std::min(size + 2, text.size()));
    return taken;
  };
  while (!text.empty()) {
    const std::string_view life = take(';');
    const std::string_view rest = std::exchange(text, life);
    std::deque<LogStep>& steps = script.emplace_back();
    while (!text.empty()) {
      const std::string_view step = take(',');
      const std::size_t space = std::min(step.find(' '), step.size());
      const auto* const known = std::ranges::find(kWords, step.substr(0, space), &Word::word);
      OTTLA_INVARIANT(known != std::end(kWords), "a story has a word that nobody knows", step);
      steps.push_back({.what = known->what});
      if (space < step.size()) steps.back().amount = std::stoll(std::string(step.substr(space + 1)));
    }
    text = rest;
  }
  return script;
}

class LogSubject final : public CrashSubject {
 public:
  explicit LogSubject(LogWorkload workload) : workload_(std::move(workload)) {}

  Task<int> main(Process& process, Cancel cancel) override {
    return workload_.main(process, std::move(cancel));
  }
  bool goes_on() const override { return workload_.goes_on(); }
  std::unique_ptr<CrashSubject> heir() const override {
    auto heir = std::make_unique<LogSubject>(workload_);
    heir->workload_.died(LogModel::Death::machine);
    heir->workload_.follow(aftermath());
    return heir;
  }
  std::uint64_t expectation() const override { return workload_.expectation(); }
  const std::vector<std::string>& findings() const override { return workload_.findings(); }

 private:
  LogWorkload workload_;
};

// An index entry for each batch, and segments of a few.
LogConfig small() {
  return {.segment_bytes = 3000,
          .index_interval_bytes = 200,
          .retention_ms = LogConfig::Millis(-1),
          .file_delete_delay_ms = LogConfig::Millis(0)};
}

LogConfig with(LogConfig config, void (*change)(LogConfig&)) {
  change(config);
  return config;
}

LogConfig compacted() {
  return with(small(), [](LogConfig& config) {
    config.compacts = true;
    config.deletes = false;
    config.min_cleanable_dirty_ratio = 0;
    config.delete_retention_ms = LogConfig::Millis(0);
  });
}

std::vector<LogStory> make_stories() {
  std::vector<LogStory> stories;
  const auto add = [&](std::string_view name, LogConfig config, std::string_view script,
                       std::uint64_t seed = 1) {
    stories.push_back({name, config, script_of(script), seed});
  };
  add("appends_and_flushes", small(), "append 1, append 1, flush, append 3, append 1, flush, append 2");
  add("acks_that_wait_for_a_sync", with(small(), [](LogConfig& config) { config.flush_messages = 1; }),
      "append 1, append 3, append 1");
  add("rolls", small(), "append 2, roll, append 1, flush, roll, append 1, save");
  add("full_segments", with(small(), [](LogConfig& config) { config.segment_bytes = 1600; }),
      "append 1, append 1, append 1, append 1, flush, save, append 1");
  add("truncation_in_a_segment", small(), "append 3, flush, save, append 1, truncate 2, append 1, flush");
  add("truncation_over_segments", small(),
      "append 2, roll, append 2, flush, save, truncate 7, append 1, roll, append 1", 4);
  add("a_new_beginning", small(), "append 2, roll, append 1, flush, save, restart 40, append 1, flush");
  add("a_new_beginning_further_back", small(), "append 2, roll, append 1, flush, restart 0, append 1");
  add("retention", with(small(), [](LogConfig& config) { config.retention_bytes = 700; }),
      "append 1, roll, append 1, roll, append 1, flush, save, expire, append 1");
  add("retention_of_all", with(small(), [](LogConfig& config) { config.retention_bytes = 0; }),
      "append 1, roll, append 1, flush, expire, append 1, flush");
  add("deleted_records", small(),
      "append 2, roll, append 2, delete_records 5, save, expire, append 1, flush");
  add("compaction", compacted(), "append 3, roll, append 3, roll, flush, save, clean, wait_clean, append 1");
  add("compaction_beside_appends", compacted(),
      "append 2, roll, append 3, roll, append 1, clean, append 1, wait_clean", 3);
  add("compaction_of_what_was_compacted", compacted(),
      "append 1, roll, clean, wait_clean, append 1, roll, clean, wait_clean", 5);
  add("epochs", small(),
      "append 1, next_epoch, append 1, next_epoch, append 2, flush, truncate 1, append 1, flush");
  add("snapshots_of_producers", small(), "append 3, roll, append 2, flush, save, append 1, die; append 1", 7);
  add("recovery", small(), "append 2, roll, append 1, flush, append 1, roll, append 1, die; append 1, flush");
  add("recovery_of_a_swap", compacted(), "append 3, roll, append 3, roll, clean, pass 1500, die; append 1");
  add("a_preallocated_segment", with(small(), [](LogConfig& config) { config.preallocate = true; }),
      "append 2, flush, roll, append 1, die; append 1, flush");
  add("a_clean_stop", small(), "append 2, roll, append 1; append 1");
  return stories;
}

}  // namespace

const std::vector<LogStory>& log_stories() {
  static const std::vector<LogStory> stories = make_stories();
  return stories;
}

LogWorkload workload_of(const LogStory& story, Plant plant) {
  return LogWorkload(story.seed, plant, story.config, story.script);
}

std::unique_ptr<CrashSubject> subject_of(const LogStory& story, Plant plant) {
  return std::make_unique<LogSubject>(workload_of(story, plant));
}

LogScript aftermath() {
  return script_of("append 1, flush, look");
}

}  // namespace ottla::storage
