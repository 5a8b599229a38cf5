#include "storage/log/log.h"

#include <algorithm>
#include <utility>

#include "runtime/shard.h"
#include "storage/log/log_loader.h"

namespace ottla::storage {

Log::Log(LogOpening opening)
    : tools_(opening.tools),
      directory_(std::move(opening.directory)),
      partition_(std::move(opening.partition)),
      config_(std::move(opening.config)),
      tail_(*tools_.recent) {}

Task<Result<std::unique_ptr<Log>>> Log::open(LogOpening opening) {
  LogLoader loader(opening);
  std::unique_ptr<Log> log(new Log(opening));
  const Result<void> loaded = co_await loader.load(*log);
  if (!loaded.ok()) {
    for (const std::unique_ptr<Segment>& segment : log->segments_) co_await segment->close_files();
    co_return Error(loaded.error()).with_context("open the log " + log->directory_);
  }
  co_return log;
}

Offset Log::last_stable_offset() const {
  return marks_.high_watermark;
}

std::uint64_t Log::size() const {
  std::uint64_t sum = 0;
  for (const std::unique_ptr<Segment>& segment : segments_) sum += segment->size();
  return sum;
}

Offset Log::set_high_watermark(Offset offset) {
  marks_.high_watermark = std::clamp(offset, marks_.log_start, marks_.log_end);
  return marks_.high_watermark;
}

Task<Result<void>> Log::close() {
  co_await gate_.close();
  co_await drained();
  co_await tasks_.stop();
  Result<void> closed;
  if (!offline_) {
    active().finish();
    closed = co_await active().write_indexes();
    if (closed.ok()) closed = co_await active().sync_log();
  }
  for (const std::unique_ptr<Segment>& segment : segments_) co_await segment->close_files();
  tail_.clear();
  co_return closed;
}

}  // namespace ottla::storage
