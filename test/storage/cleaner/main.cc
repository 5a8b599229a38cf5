// storage_cleaner [--first N] [--seeds N]: our cleaner against the reference's, which answers on standard input and
// output. Both clean copies of the same random logs in several rounds; the files must be the same, byte by byte (of
// batches that were compressed anew: what they unpack to). `run` starts the two ends.
#include <fmt/format.h>
#include <stdlib.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/offset.h"
#include "record/batch_layout.h"
#include "record/batch_records.h"
#include "record/batch_view.h"
#include "runtime/linux/linux_process.h"
#include "runtime/shard.h"
#include "storage/cleaner/clean_plan.h"
#include "storage/cleaner/log_cleaning.h"
#include "storage/cleaner/testing/segment_row.h"
#include "test/storage/cleaner/random_log.h"

namespace ottla::cleaning {
namespace {

namespace fs = std::filesystem;
using storage::CleaningPlan;
using storage::testing::SegmentRow;

constexpr std::int64_t kRetention = 1000;
constexpr std::size_t kMapMemory = 24 * 100'000;
constexpr std::size_t kBuffers = 8192;

struct Round {
  std::int64_t now;
  std::size_t dirty;        // a segment
  std::size_t uncleanable;  // a segment
};

std::int64_t ask(const fs::path& directory, const CleaningPlan& plan, std::int64_t now,
                 std::int64_t segment_bytes) {
  fmt::print("{} {} {} {} {} {} {} {}\n", directory.string(), plan.first_dirty.raw(),
             plan.first_uncleanable.raw(), now, kRetention, segment_bytes, kMapMemory, kBuffers);
  std::fflush(stdout);
  long long took = 0;
  long long end = 0;
  if (std::scanf("%lld %lld", &took, &end) != 2) {
    fmt::print(stderr,
               "storage-cleaner: the reference's end is gone; its errors stand above\n0 passed, 1 failed\n");
    std::exit(1);
  }
  return end;
}

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A batch as both must have it: with its header, and its records without compression.
std::string shown(const record::BatchView& batch, record::CodecPool& codecs) {
  std::string text = fmt::format("{}+{} epoch {} attributes {} times {} {} producer {} {} {} records {}{}",
                                 batch.base_offset().raw(), batch.last_offset_delta(), batch.leader_epoch(),
                                 batch.attributes().bits(), batch.base_timestamp(), batch.max_timestamp(),
                                 batch.producer_id(), batch.producer_epoch(), batch.base_sequence(),
                                 batch.count(), batch.crc_holds() ? "" : " CHECKSUM");
  auto records = record::BatchRecords::of(batch, codecs, {});
  while (records.ok()) {
    const auto record = records->next();
    if (!record.ok()) return text + " " + record.error().to_string();
    if (!*record) return text;
    const record::RecordView& view = **record;
    const auto bytes = [](const auto& some) {
      return some ? std::string(reinterpret_cast<const char*>(some->data()), some->size())
                  : std::string("null");
    };
    text += fmt::format("\n    {} {} {} {} {}", view.offset_delta, view.timestamp_delta, bytes(view.key),
                        bytes(view.value), view.headers.size());
  }
  return text + " unreadable";
}

std::vector<std::string> batches_of(const std::string& bytes) {
  std::vector<std::string> all;
  record::CodecPool codecs;
  for (auto left = std::as_bytes(std::span(bytes)); !left.empty();) {
    const auto batch = record::BatchView::first_of(left);
    if (!batch.ok()) return {"garbage"};
    all.push_back(shown(*batch, codecs));
    left = left.subspan(batch->size());
  }
  return all;
}

bool is_compared(const fs::path& path) {
  const std::string kind = path.extension();
  return kind == ".log" || kind == ".txnindex" || kind == ".index" || kind == ".timeindex";
}

// Indexes follow from the bytes of their segment; those of the active one are as long as they may become.
bool may_differ(const fs::path& ours, const fs::path& theirs, const std::string& name) {
  if (name.ends_with(".log") || name.ends_with(".txnindex")) return false;
  const std::string log = name.substr(0, 20) + ".log";
  const std::string bytes = content(ours / log);
  return bytes.empty() || bytes != content(theirs / log);
}

// What differs first, or nothing.
std::string difference(const fs::path& ours, const fs::path& theirs) {
  std::map<std::string, std::pair<std::string, std::string>> files;
  for (const auto& entry : fs::directory_iterator(ours)) {
    if (is_compared(entry.path())) files[entry.path().filename()].first = content(entry.path());
  }
  for (const auto& entry : fs::directory_iterator(theirs)) {
    if (is_compared(entry.path())) files[entry.path().filename()].second = content(entry.path());
  }
  for (const auto& [name, both] : files) {
    if (both.first == both.second || may_differ(ours, theirs, name)) continue;
    if (!name.ends_with(".log"))
      return fmt::format("{}: {} and {} bytes", name, both.first.size(), both.second.size());
    const auto a = batches_of(both.first);
    const auto b = batches_of(both.second);
    for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
      const std::string_view left = i < a.size() ? std::string_view(a[i]) : "nothing";
      const std::string_view right = i < b.size() ? std::string_view(b[i]) : "nothing";
      if (left != right) return fmt::format("{}, batch {}:\nours   {}\ntheirs {}", name, i, left, right);
    }
  }
  return {};
}

Task<void> write(SegmentRow& row, const RandomLog& log) {
  for (const RandomSegment& segment : log.segments()) {
    (co_await row.add_segment(segment.batches, segment.base, segment.aborted)).value();
  }
}

// Empty when all is the same.
Task<std::string> compare(std::uint64_t seed, fs::path root) {
  // Producers of long ago would have expired when the reference opens the log.
  const std::int64_t hour_ago = to_epoch_millis(this_shard().wall_now()) - 3'600'000;
  const RandomLog log(seed, hour_ago);
  const fs::path ours = root / "ours" / "t-0";
  const fs::path theirs = root / "theirs" / "t-0";
  fs::remove_all(root);
  SegmentRow copy(this_shard().files(), theirs);
  co_await write(copy, log);
  co_await copy.close();
  SegmentRow row(this_shard().files(), ours);
  co_await write(row, log);
  row.producers = log.producers();
  row.config.delete_retention = std::chrono::milliseconds(kRetention);
  row.config.segment_bytes = seed % 3 == 0 ? 2000 : 20'000;

  const std::size_t last = log.segments().size() - 1;
  const Round rounds[] = {{10'000, 0, last / 2}, {10'500, last / 2, last}, {11'000, last, last},
                          {11'499, last, last},  {11'500, last, last},     {20'000, 0, last}};
  std::string found;
  for (const Round& round : rounds) {
    CleaningPlan plan;
    plan.first_dirty = log.segments()[round.dirty].base;
    plan.first_uncleanable = log.segments()[round.uncleanable].base;
    storage::IoPace throttle;
    const storage::CleaningTools tools{.files = &this_shard().files(),
                                       .throttle = &throttle,
                                       .map = {.memory = kMapMemory, .load_factor = 0.9},
                                       .io_buffer_size = kBuffers};
    storage::LogCleaning cleaning(row, plan, tools);
    const auto done = co_await cleaning.run(round.now, {});
    if (!done.ok()) {
      found = done.error().to_string();
      break;
    }
    const std::int64_t end = ask(theirs, plan, round.now, row.config.segment_bytes);
    found = end == done->end.raw() ? difference(ours, theirs)
                                   : fmt::format("clean below {} and {}", done->end.raw(), end);
    if (!found.empty()) {
      found = fmt::format("at {}: {}", round.now, found);
      break;
    }
  }
  co_await row.close();
  co_return found;
}

int run(std::uint64_t first, std::uint64_t seeds) {
  std::string root = fs::temp_directory_path() / "ottla-cleaner-XXXXXX";
  if (::mkdtemp(root.data()) == nullptr) return 1;
  std::uint64_t failed = 0;
  run_linux_process({.shards = 1, .catch_signals = false}, [&](Process&, Cancel) -> Task<int> {
    for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
      const std::string found = co_await compare(seed, root);
      if (found.empty()) continue;
      ++failed;
      fmt::print(stderr, "seed {}: {}\n", seed, found);
    }
    co_return 0;
  });
  fs::remove_all(root);
  fmt::print(stderr, "{} passed, {} failed\n", seeds - failed, failed);
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace ottla::cleaning

int main(int argc, char** argv) {
  std::uint64_t first = 1;
  std::uint64_t seeds = 100;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    if (name == "--first") first = std::stoull(argv[i + 1]);
    if (name == "--seeds") seeds = std::stoull(argv[i + 1]);
  }
  return ottla::cleaning::run(first, seeds);
}
