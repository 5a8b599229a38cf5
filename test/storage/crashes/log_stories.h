// Small stories of one log, for every crash.
//
// Concurrency: values.
#pragma once

#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "storage/log/log_config.h"
#include "test/storage/crashes/every_crash.h"
#include "test/storage/log/broken_doors.h"
#include "test/storage/log/log_workload.h"

namespace ottla::storage {

struct LogStory {
  std::string_view name;
  LogConfig config;
  LogScript script;
  std::uint64_t seed = 1;  // of what the batches hold

  friend void PrintTo(const LogStory& story, std::ostream* out) { *out << story.name; }
};

const std::vector<LogStory>& log_stories();

std::unique_ptr<CrashSubject> subject_of(const LogStory& story, Plant plant);
// The same for who does not need all crashes of it.
LogWorkload workload_of(const LogStory& story, Plant plant);
// What the log does after a crash: it goes on, and is closed.
LogScript aftermath();

}  // namespace ottla::storage
