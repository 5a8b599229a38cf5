// fuzz: base record runtime sim storage
// Any files in a log directory and in a partition's: opened as after a crash, read to the end, written to, closed, and
// opened again as after a clean stop, which finds the same.
//
// A file is told by a byte that names it (kNames; else the next byte is the length of a name that follows), two bytes of
// length, and its bytes.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/exclusive_bytes.h"
#include "base/invariant.h"
#include "base/offset.h"
#include "base/result.h"
#include "base/slice.h"
#include "record/batch_builder.h"
#include "runtime/process.h"
#include "runtime/shard.h"
#include "runtime/task.h"
#include "runtime/whole_file.h"
#include "sim/testing/one_life.h"
#include "storage/directory/directory_home.h"
#include "storage/directory/load_directory.h"
#include "storage/directory/log_directory.h"
#include "storage/directory/log_set.h"
#include "storage/log/log_toolbox.h"

namespace ottla::storage {
namespace {

constexpr std::string_view kDirectory = "/data";
constexpr std::string_view kNames[] = {
    "t-0/00000000000000000000.log",
    "t-0/00000000000000000000.index",
    "t-0/00000000000000000000.timeindex",
    "t-0/00000000000000000000.txnindex",
    "t-0/00000000000000000000.snapshot",
    "t-0/00000000000000000010.log",
    "t-0/00000000000000000010.index",
    "t-0/00000000000000000010.timeindex",
    "t-0/00000000000000000010.txnindex",
    "t-0/00000000000000000010.snapshot",
    "t-0/00000000000000000000.log.swap",
    "t-0/00000000000000000000.index.swap",
    "t-0/00000000000000000010.log.cleaned",
    "t-0/00000000000000000010.log.deleted",
    "t-0/leader-epoch-checkpoint",
    "t-0/partition.metadata",
    "recovery-point-offset-checkpoint",
    "replication-offset-checkpoint",
    "log-start-offset-checkpoint",
    "cleaner-offset-checkpoint",
    "meta.properties",
    ".kafka_cleanshutdown",
    "t-0/00000000000000000458.snapshot",
    "t-0/00000000000000000073.log",
    "t-0/00000000000000000073.txnindex",
    "t-0/00000000000000000138.snapshot",
};

struct StrangeFile {
  std::string path;
  std::string bytes;
};

std::vector<StrangeFile> files_of(std::string_view input) {
  std::vector<StrangeFile> files;
  const auto take = [&](std::size_t size) {
    const std::string_view taken = input.substr(0, size);
    input.remove_prefix(taken.size());
    return taken;
  };
  const auto number = [](std::string_view bytes) {
    std::size_t value = 0;
    for (const char each : bytes) value = value << 8 | static_cast<unsigned char>(each);
    return value;
  };
  while (input.size() > 3 && files.size() < 40) {
    const std::size_t which = number(take(1));
    std::string name(which < std::size(kNames) ? kNames[which] : take(number(take(1))));
    if (which >= std::size(kNames)) {
      std::ranges::replace_if(name, [](char c) { return c == '/' || c == '\0'; }, '_');
      name = (which % 2 == 0 ? "t-0/x" : "x") + name.substr(0, 100);
    }
    files.push_back({std::string(kDirectory) + '/' + name, std::string(take(number(take(2))))});
  }
  return files;
}

// What a log shows from its start on: how many batches, and their bytes.
struct Shown {
  Offset start;
  Offset end;
  std::uint64_t bytes = 0;
};

Task<Shown> read(Log& log) {
  Shown shown{.start = log.log_start(), .end = log.log_end()};
  for (Offset at = log.log_start(); at < log.log_end();) {
    const auto fetched = co_await log.read({.start = at, .max_bytes = 1 << 16});
    if (!fetched.ok() || fetched->records.empty()) break;
    OTTLA_INVARIANT(fetched->next > at, "reading goes backwards");
    shown.bytes += fetched->records.size();
    at = fetched->next;
  }
  (void)co_await log.offset_for_timestamp(5);
  (void)co_await log.offset_of_max_timestamp();
  (void)co_await log.read(
      {.start = log.log_start(), .max_bytes = 1 << 16, .isolation = Isolation::committed});
  co_return shown;
}

Task<void> append(Log& log) {
  record::BatchBuilder builder({});
  builder.append({.timestamp = 7, .value = std::as_bytes(std::span("value"))});
  const AppendOutcome outcome =
      co_await log.append_as_leader(ExclusiveBytes(std::move(builder).finish()), LeaderEpoch(INT32_MAX),
                                    {.origin = record::AppendOrigin::coordinator});
  (void)outcome.ok();
  (void)co_await log.flush();
}

struct Life {
  Shown found;
  Shown left;
};

// One life of a node. Nothing when the directory is refused or has no log.
Task<std::optional<Life>> live(LogToolbox& box) {
  auto directory = co_await LogDirectory::open(this_shard().files(), std::string(kDirectory));
  if (!directory.ok()) {
    OTTLA_INVARIANT(!directory.error().text().empty(), "refused without a word");
    co_return std::nullopt;
  }
  DirectoryHome home;
  home.add(**directory);
  LogSet::Options options;
  options.tools = box.tools();
  options.config_of = [](const std::string&) { return std::make_shared<const LogConfig>(); };
  options.home = &home;
  LogSet logs(std::move(options));
  const auto loaded = co_await load_directory(**directory, logs, {});
  std::optional<Life> life;
  if (Log* const log = logs.find({"t", PartitionId(0)}); log != nullptr) {
    const Shown before = co_await read(*log);
    co_await append(*log);
    life = {.found = before, .left = co_await read(*log)};
  }
  const LogSet::Closed closed = co_await logs.close();
  const auto found = closed.checkpoints.find((*directory)->path());
  bool is_clean = closed.failures.empty() && loaded.ok() && !(*directory)->is_offline();
  if (is_clean && found != closed.checkpoints.end()) {
    for (const auto& [kind, list] :
         {std::pair(OffsetCheckpoint::recovery_point, &found->second.recovery_points),
          std::pair(OffsetCheckpoint::log_start, &found->second.log_starts)}) {
      is_clean = is_clean && (co_await (*directory)->write_checkpoint(kind, *list)).ok();
    }
  }
  const auto ending = is_clean ? LogDirectory::Ending::clean(1) : LogDirectory::Ending::unclean();
  OTTLA_INVARIANT((co_await (*directory)->close(ending)).ok(), "it cannot be closed");
  co_return is_clean ? life : std::nullopt;
}

Task<int> look(std::vector<StrangeFile> strange) {
  FileSystem& files = this_shard().files();
  LogToolbox box(files, {.descriptors = 16, .index_pages = 4, .recent_bytes = 1 << 16});
  (void)co_await files.make_directories(std::string(kDirectory) + "/t-0");
  for (const StrangeFile& each : strange)
    (void)co_await replace_file(files, each.path, Slice::copy_of(each.bytes));
  const std::optional<Life> first = co_await live(box);
  if (first) {
    const std::optional<Life> second = co_await live(box);
    OTTLA_INVARIANT(second.has_value(), "what was closed in good order is refused");
    const Shown& left = first->left;
    const Shown& found = second->found;
    OTTLA_INVARIANT(found.start == left.start && found.end == left.end && found.bytes == left.bytes,
                    "another log after a clean stop", left.end.raw(), found.end.raw(), left.bytes,
                    found.bytes);
  }
  co_await box.files().settle();
  co_await box.close();
  co_return 0;
}

}  // namespace
}  // namespace ottla::storage

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ottla;
  using namespace ottla::storage;
  const auto files = files_of(std::string_view(reinterpret_cast<const char*>(data), size));
  sim::testing::live_once([&](Process&, Cancel) { return look(files); });
  return 0;
}
