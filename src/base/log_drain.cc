#include "base/log_drain.h"

#include <algorithm>
#include <array>

#include "base/invariant.h"
#include "base/log_record.h"

namespace ottla {
namespace {

constexpr std::size_t kWriteAt = std::size_t{64} * 1024;

}  // namespace

void LogDrain::add(LogBuffer& buffer, std::uint32_t shard) {
  sources_.push_back({.buffer = &buffer, .shard = shard});
}

void LogDrain::remove(LogBuffer& buffer) {
  drain();
  const std::size_t removed =
      std::erase_if(sources_, [&](const Source& source) { return source.buffer == &buffer; });
  OTTLA_INVARIANT(removed == 1, "removed a log buffer that was not added", removed);
}

// The source whose first record is the earliest; among equals the one added first. Null when all are empty.
LogDrain::Source* LogDrain::oldest() {
  Source* best = nullptr;
  std::int64_t best_time = 0;
  for (Source& source : sources_) {
    const auto record = source.buffer->front();
    if (record.data() == nullptr) continue;
    const std::int64_t time = LogRecordView(record).header().time_ns;
    if (best != nullptr && time >= best_time) continue;
    best = &source;
    best_time = time;
  }
  return best;
}

std::size_t LogDrain::report_drops(Source& source) {
  const std::uint64_t dropped = source.buffer->dropped();
  if (dropped == source.reported_drops) return 0;
  const std::array fields = {LogField{"lines", dropped - source.reported_drops},
                             LogField{"lines_ever", dropped}};
  source.reported_drops = dropped;
  std::array<std::byte, kMaxLogRecord> record;
  const std::size_t size = encode_log_record(record,
                                             {.time_ns = source.last_time_ns,
                                              .module = "log",
                                              .message = "dropped log lines: the shard's log buffer was full",
                                              .file = "log_drain.cc",
                                              .line = __LINE__,
                                              .shard = source.shard,
                                              .level = LogLevel::warn},
                                             fields);
  append_log_line(lines_, format_, LogRecordView(std::span(record).first(size)));
  return 1;
}

std::size_t LogDrain::drain(std::size_t max_lines) {
  std::size_t written = 0;
  while (written < max_lines) {
    Source* source = oldest();
    if (source == nullptr) break;
    const LogRecordView record(source->buffer->front());
    source->last_time_ns = record.header().time_ns;
    append_log_line(lines_, format_, record);
    source->buffer->pop();
    ++written;
    if (lines_.size() >= kWriteAt) write_out();
  }
  for (Source& source : sources_) written += report_drops(source);
  write_out();
  return written;
}

void LogDrain::write_out() {
  if (lines_.empty()) return;
  sink_.write(lines_);
  lines_.clear();
}

}  // namespace ottla
