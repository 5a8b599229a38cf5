// Readers who are under way while records are cut off.
#include <chrono>
#include <utility>

#include "test/storage/log/log_workload.h"

namespace ottla::storage {

// What is done next goes on meanwhile, and is most often over before all of them are.
void LogWorkload::begin_reading(Life& life) {
  if (script_ || !rot_.empty() || !random_.chance(1, 2)) return;
  if (random_.chance(3, 4)) life.log.forget_recent();
  for (std::uint64_t left = 1 + random_.below(3); left > 0; --left) {
    const Offset begin = life.log->log_start();
    const auto span = static_cast<std::uint64_t>(std::min<std::int64_t>(life.log->log_end() - begin, 40));
    const Offset start = life.log->log_end() - static_cast<std::int64_t>(random_.below(span + 1));
    life.tasks.spawn(read_beside(life, start));
  }
}

Task<void> LogWorkload::read_beside(Life& life, Offset start) {
  for (std::uint64_t left = 1 + random_.below(4); left > 0 && life.works && good(); --left) {
    if (random_.chance(1, 2)) (void)co_await sleep_for(std::chrono::microseconds(random_.below(500)));
    if (life.log->offline()) co_return;
    ++counts_.read_beside;
    const std::uint64_t max_bytes = random_.below(4000);
    Result<Fetched> fetched = co_await life.log->read({.start = start, .max_bytes = max_bytes});
    if (plant_ == Plant::stale_reads) {
      (void)co_await sleep_for(std::chrono::microseconds(random_.below(500)));
    }
    const Offset end = life.log->log_end();
    if (!fetched.ok()) {
      const Errc code = fetched.error().code();
      const bool outside = start < life.log->log_start() || start > end;
      const bool may_be =
          code == Errc::io_error || code == Errc::closed || (code == Errc::not_found && outside);
      if (!may_be) find("a read beside a cut failed: " + fetched.error().to_string());
      co_return;
    }
    if (fetched->next > std::max(start, end)) {
      co_return find("a read beside a cut goes on at " + fetched->next.to_string() +
                     ", and the log ends at " + end.to_string());
    }
    co_await judge_beside(life, *fetched, end);
    start = fetched->next;
  }
}

// What was fetched may be cut off before it is sent; what is sent then is no batch, or another one.
Task<void> LogWorkload::judge_beside(Life& life, const Fetched& fetched, Offset end) {
  const std::uint64_t cuts = life.log->cuts();
  const Result<std::string> bytes = co_await try_bytes_of(fetched.records.clone());
  if (cuts != life.log->cuts()) co_return;
  if (!bytes.ok()) {
    const Errc code = bytes.error().code();
    if (code != Errc::io_error && code != Errc::truncated) {
      find("what was read beside a cut cannot be sent: " + bytes.error().to_string());
    }
    co_return;
  }
  for (std::string_view left = *bytes; !left.empty();) {
    const Result<record::BatchView> batch = record::BatchView::first_of(std::as_bytes(std::span(left)));
    if (!batch.ok() || !batch->crc_holds()) {
      co_return find("no good batch was read beside a cut, behind " + fetched.next.to_string());
    }
    if (*batch->last_offset() >= end) {
      co_return find("a batch up to " + batch->last_offset()->to_string() +
                     " was read beside a cut, and the log ends at " + end.to_string());
    }
    left.remove_prefix(batch->size());
  }
}

}  // namespace ottla::storage
