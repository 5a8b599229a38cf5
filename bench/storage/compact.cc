#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <numeric>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/slice.h"
#include "bench/java_peer.h"
#include "bench/storage/rows.h"
#include "record/batch_builder.h"
#include "runtime/shard.h"
#include "storage/cleaner/clean_plan.h"
#include "storage/cleaner/log_cleaning.h"
#include "storage/cleaner/testing/segment_row.h"

namespace ottla::bench {
namespace {

namespace fs = std::filesystem;
using storage::testing::SegmentRow;

constexpr std::size_t kKey = 100;
constexpr std::size_t kValue = 400;
constexpr std::size_t kRecordsOfBatch = 32;  // about 16 KiB, as producers send them
constexpr std::size_t kSegment = std::size_t{128} << 20;
constexpr std::size_t kVersions = 5;  // of each key: 20 % is live
constexpr std::size_t kMapMemory = std::size_t{128} << 20;
constexpr std::size_t kBuffers = std::size_t{512} << 10;

// Of the log.
std::size_t log_bytes(const Report& report) {
  return report.is_full() ? std::size_t{5} << 30 : std::size_t{512} << 20;
}

class KeyedLog {
 public:
  explicit KeyedLog(std::size_t bytes) : keys_(bytes / (kKey + kValue) / kVersions) {}

  // Segments, and an empty one behind. Gives the log's size.
  Task<double> write(std::string path) {
    SegmentRow row(this_shard().files(), path);
    std::vector<std::uint32_t> order(keys_);
    std::iota(order.begin(), order.end(), 0U);
    std::vector<std::vector<std::byte>> batches;
    std::size_t size = 0;
    double total = 0;
    Offset base;
    for (std::size_t version = 0; version < kVersions; ++version) {
      std::shuffle(order.begin(), order.end(), random_);
      for (std::size_t i = 0; i < order.size(); i += kRecordsOfBatch) {
        batches.push_back(batch(std::span(order).subspan(i, std::min(kRecordsOfBatch, order.size() - i))));
        size += batches.back().size();
        if (size < kSegment) continue;
        total += static_cast<double>(std::exchange(size, 0));
        (co_await row.add_segment(std::exchange(batches, {}), base)).value();
        base = end_;
      }
    }
    total += static_cast<double>(size);
    if (!batches.empty()) (co_await row.add_segment(std::move(batches), base)).value();
    (co_await row.add_segment({}, end_)).value();
    co_await row.close();
    co_return total;
  }
  Offset end() const { return end_; }

 private:
  std::vector<std::byte> batch(std::span<const std::uint32_t> keys) {
    record::BatchBuilder builder({.base_offset = end_, .leader_epoch = 0});
    for (const std::uint32_t key : keys) {
      std::string name = std::to_string(key);
      name.insert(0, kKey - name.size(), 'k');
      std::string value(kValue, 'v');
      for (std::size_t at = 0; at + 8 < kValue; at += 40)
        value.replace(at, 8, std::to_string(random_()), 0, 8);
      builder.append({.timestamp = 1'700'000'000'000 + end_.raw(),
                      .key = std::as_bytes(std::span(name)),
                      .value = std::as_bytes(std::span(value))});
      ++end_;
    }
    const Slice bytes = std::move(builder).finish();
    return {bytes.as_span().begin(), bytes.as_span().end()};
  }

  const std::size_t keys_;
  std::mt19937_64 random_{7};
  Offset end_;
};

// A directory with the same segments, of which a cleaning changes none, and copies of all else.
std::string linked_copy(const fs::path& from, const fs::path& to) {
  fs::remove_all(to);
  fs::create_directories(to);
  for (const auto& entry : fs::directory_iterator(from)) {
    const fs::path copy = to / entry.path().filename();
    if (entry.path().extension() == ".log" && entry.file_size() != 0) {
      fs::create_hard_link(entry.path(), copy);
    } else {
      fs::copy_file(entry.path(), copy);
    }
  }
  return to;
}

Cost our_cost(std::string path) {
  Cost cost;
  (void)in_process(1, [path, &cost](Process&, Cancel) -> Task<double> {
    SegmentRow row(this_shard().files(), path);
    (co_await row.adopt()).value();
    storage::IoPace throttle;
    const storage::CleaningTools tools{.files = &this_shard().files(),
                                       .throttle = &throttle,
                                       .map = {.memory = kMapMemory, .load_factor = 0.9},
                                       .io_buffer_size = kBuffers};
    const auto facts = co_await storage::gather_facts(row, {});
    const storage::CleaningPlan plan = storage::plan_cleaning(facts.value(), 0);
    storage::LogCleaning cleaning(row, plan, tools);
    const Cost before = cost_now();
    const auto done = co_await cleaning.run(1, {});
    cost = cost_now() - before;
    check(done.ok() && done->end == row.log_end(), "the cleaning did not reach the log's end");
    co_await row.close();
    co_return 0;
  });
  return cost;
}

// Its CPU time is that of its machine, with what that compiles and collects.
Cost their_cost(JavaPeer& java, const std::string& path, Offset end) {
  const double before = java.cpu_ns();
  const double took =
      java.ask(path + " 0 " + std::to_string(end.raw()) + " 1 86400000 " + std::to_string(1 << 30) + " " +
               std::to_string(kMapMemory) + " " + std::to_string(kBuffers));
  return {.wall_ns = took, .cpu_ns = java.cpu_ns() - before};
}

}  // namespace

void compact_rows(Report& report, int pairs) {
  Directory directory;
  const fs::path root = directory.path();
  KeyedLog log(log_bytes(report));
  const double bytes = in_process(
      1, [&](Process&, Cancel) -> Task<double> { co_return co_await log.write(root / "template" / "t-0"); });
  JavaPeer java("test/storage/cleaner/java/Cleaning.java");
  // Bytes of one reading a second.
  add_cost_rows(
      report,
      {.name = "compact keyed data, 20 % live / Apache Kafka's cleaner",
       .unit = "MB/s",
       .amount = bytes / 1e6},
      pairs, [&] { return our_cost(linked_copy(root / "template" / "t-0", root / "ours" / "t-0")); },
      [&] {
        return their_cost(java, linked_copy(root / "template" / "t-0", root / "theirs" / "t-0"), log.end());
      },
      Goal::ratio_at_least(3));
}

}  // namespace ottla::bench
