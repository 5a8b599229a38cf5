// The small language in which stories about logs are told.
//
//    LogUnderTest log(place, {.segment_bytes = 1000});
//    co_await log.open();
//    co_await log.append(3);                       // a batch of three records
//    EXPECT_EQ(co_await log.read(0), "0-2");       // batches by their offsets
//    co_await log.close();
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "record/batch_builder.h"
#include "record/batch_view.h"
#include "runtime/file_system.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"
#include "runtime/task_group.h"
#include "storage/log/log.h"
#include "storage/log/log_toolbox.h"
#include "test/contract/file_language.h"

namespace ottla::storage {

using contract::must;
using contract::outcome;
using contract::Place;

struct BatchShape {
  std::int32_t records = 1;
  std::size_t value_bytes = 20;
  std::int64_t timestamp = 1000;
  std::int32_t epoch = 0;
};

inline Slice make_batch(Offset base, const BatchShape& shape) {
  record::BatchBuilder builder({.base_offset = base, .leader_epoch = shape.epoch});
  const std::string value = contract::pattern(shape.value_bytes, static_cast<unsigned>(base.raw()));
  for (std::int32_t i = 0; i < shape.records; ++i) {
    builder.append({.timestamp = shape.timestamp, .value = std::as_bytes(std::span(value))});
  }
  return std::move(builder).finish();
}

// "0-2 3 4-9": the batches by their offsets; "!" where no good one stands.
inline std::string describe(std::span<const std::byte> bytes) {
  std::string out;
  while (!bytes.empty()) {
    if (!out.empty()) out += ' ';
    const Result<record::BatchView> batch = record::BatchView::first_of(bytes);
    if (!batch.ok() || !batch->crc_holds()) return out + "!";
    out += batch->base_offset().to_string();
    const Offset last = batch->last_offset().value();
    if (last != batch->base_offset()) out += '-' + last.to_string();
    bytes = bytes.subspan(batch->size());
  }
  return out;
}

// All bytes of a chain, ranges read.
inline Task<Result<std::string>> try_bytes_of(Chain chain) {
  std::string out;
  while (!chain.empty()) {
    if (const Slice* slice = chain.front().slice()) {
      out += slice->as_string_view();
      chain.consume(slice->size());
      continue;
    }
    const Range& range = *chain.front().range();
    const std::size_t at = out.size();
    out.resize(at + range.size());
    auto& source = static_cast<FileRangeSource&>(range.source());
    const std::uint64_t size = range.size();
    OTTLA_CO_CHECK(
        co_await source.read_at(range.offset(), std::as_writable_bytes(std::span(out)).subspan(at)));
    chain.consume(size);
  }
  co_return out;
}
inline Task<std::string> bytes_of(Chain chain) {
  co_return co_await must(try_bytes_of(std::move(chain)));
}

class LogUnderTest {
 public:
  explicit LogUnderTest(const Place& place, LogConfig config = {}, std::size_t descriptors = 64,
                        std::size_t recent_bytes = 1 << 20, FileSystem* doors = nullptr)
      : box_(doors != nullptr ? *doors : this_shard().files(),
             {.descriptors = descriptors, .index_pages = 64, .recent_bytes = recent_bytes}, &metrics_),
        directory_(place.directory + "/topic-0"),
        config_(std::make_shared<LogConfig>(config)) {}

  LogOpening opening() {
    return {.directory = directory_,
            .partition = "topic-0",
            .config = config_,
            .tools = box_.tools(),
            .log_start = log_start,
            .recovery_point = recovery_point,
            .high_watermark = high_watermark,
            .clean_shutdown = clean,
            .producers = producers,
            .progress = progress,
            .synced_by_owner = synced_by_owner};
  }
  Task<void> open() { log_ = co_await must(Log::open(opening())); }
  Task<std::string> try_open() {
    Result<std::unique_ptr<Log>> log = co_await Log::open(opening());
    if (!log.ok()) co_return std::string(name_of(log.error().code()));
    log_ = std::move(*log);
    co_return "ok";
  }
  // What a clean stop of a broker does, its checkpoints included.
  Task<void> close() {
    recovery_point = log_->log_end();
    log_start = log_->log_start();
    clean = true;
    co_await must(log_->close());
    log_.reset();
  }
  // The next open() is told that this was no clean stop, and finds what checkpoints said before it.
  Task<void> crash() {
    co_await log_->abandon();
    log_.reset();
    clean = false;
  }
  // Ends the story: every descriptor must be given back.
  Task<void> end() {
    if (log_) co_await close();
    co_await box_.close();
  }
  Task<void> reopen() {
    co_await close();
    co_await open();
  }

  // The same for a log that was closed, or never opened, otherwise.
  Task<void> end_closed() {
    log_.reset();
    co_await box_.close();
  }

  // Appends one batch at the end, as the leader of its epoch.
  Task<AppendInfo> append(BatchShape shape = {}) {
    const AppendOutcome outcome = co_await log_->append_as_leader(
        ExclusiveBytes(make_batch(Offset(0), shape)), LeaderEpoch(shape.epoch),
        {.origin = record::AppendOrigin::coordinator});
    co_return outcome.info();
  }
  // "ok" or why not, of bytes from a leader.
  Task<std::string> follow(Slice bytes, std::int32_t epoch = 0) {
    const AppendOutcome outcome =
        co_await log_->append_as_follower(ExclusiveBytes(std::move(bytes)), LeaderEpoch(epoch));
    if (outcome.rejection() != nullptr) co_return std::string(record::name_of(outcome.rejection()->reason));
    if (outcome.error() != nullptr) co_return std::string(name_of(outcome.error()->code()));
    co_return "ok";
  }
  Task<void> append_many(int count, BatchShape shape = {}) {
    for (int i = 0; i < count; ++i) (void)co_await append(shape);
  }
  Task<std::string> read(std::int64_t start, std::uint64_t max_bytes = 1 << 20) {
    const Fetched fetched = co_await must(log_->read({.start = Offset(start), .max_bytes = max_bytes}));
    const std::string bytes = co_await bytes_of(fetched.records.clone());
    co_return describe(std::as_bytes(std::span(bytes)));
  }
  // From the start to the end, read by read; what was fetched last time tells where to go on.
  Task<std::string> read_all(std::uint64_t max_bytes = 1 << 20) {
    std::string out;
    Offset at = log_->log_start();
    while (at < log_->log_end()) {
      const Fetched fetched = co_await must(log_->read({.start = at, .max_bytes = max_bytes}));
      const std::string bytes = co_await bytes_of(fetched.records.clone());
      if (bytes.empty()) break;
      out += (out.empty() ? "" : " ") + describe(std::as_bytes(std::span(bytes)));
      at = fetched.next;
    }
    co_return out;
  }
  // "0 10 20"
  std::string segments() const {
    std::string out;
    for (const auto& segment : log_->segments()) {
      out += (out.empty() ? "" : " ") + segment->base_offset().to_string();
    }
    return out;
  }
  void forget_recent() { log_->forget_recent(); }

  Log& operator*() { return *log_; }
  Log* operator->() { return log_.get(); }
  SegmentFiles& files() { return box_.files(); }
  RecentAppends& recent() { return box_.recent(); }
  MetricRegistry& metrics() { return metrics_; }
  std::uint64_t flushes() { return box_.tools().flush_times->snapshot().count(); }
  const std::string& directory() const { return directory_; }
  void configure(const LogConfig& config) { config_ = std::make_shared<LogConfig>(config); }

  Offset log_start;
  Offset recovery_point;
  std::optional<Offset> high_watermark;
  bool clean = false;
  bool synced_by_owner = false;
  ProducerOptions producers;
  std::function<void(const RecoveryProgress&)> progress;

 private:
  MetricRegistry metrics_;
  LogToolbox box_;
  std::string directory_;
  std::shared_ptr<const LogConfig> config_;
  std::unique_ptr<Log> log_;
};

}  // namespace ottla::storage
