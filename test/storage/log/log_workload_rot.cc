// A log some of whose bits were flipped, or some of whose files are gone: it may refuse, and it may have lost what it had,
// but whatever it shows with a good checksum was written, and it goes on or says why not.
//
// Two fields of a batch are outside of its checksum, as the format wants it: its base offset and its leader epoch.
#include <string_view>
#include <unordered_set>
#include <utility>

#include "record/batch_layout.h"
#include "test/storage/log/log_workload.h"

namespace ottla::storage {
namespace {

// What the checksum covers.
std::string_view covered(std::string_view batch) {
  return batch.substr(record::kAttributesAt);
}

}  // namespace

Task<void> LogWorkload::live_with_rot(Life& life, Cancel cancel) {
  // A bad index of aborted transactions makes its segment unreadable: what it should say is nowhere else.
  const auto rotted_in = [this](const char* kind) { return rot_.find(kind) != std::string::npos; };
  const bool only_helpers = !rotted_in(".log") && !rotted_in("epoch") && !rotted_in(".txnindex");
  const Offset trusted = life.log.clean ? Offset::max() : saved_.recovery;  // a clean start recovers nothing
  // What a death left of a beginning anew lacks records that others took the place of.
  if (!std::exchange(rot_met_, true) && only_helpers && !restarting_at_) {
    // What helps to find records is not what tells them.
    co_await check_batches(life);
    if (!life.works && good()) find("cannot be read, and its segments are whole");
  }
  if (good()) co_await read_rotten(life, trusted);
  while (life.works && !life.log->offline() && !cancel.requested() && good()) {
    const std::uint64_t what = random_.below(20);
    if (what < 8) {
      ModelBatch batch = draw_batch();
      const std::string bytes = batch.bytes;
      (void)model_.attempt(std::move(batch));
      (void)co_await life.log->append_as_leader(ExclusiveBytes(Slice::copy_of(bytes)), LeaderEpoch(epoch_),
                                                {.origin = record::AppendOrigin::coordinator});
    } else if (what < 10) {
      (void)co_await life.log->flush();
    } else if (what < 12) {
      (void)co_await life.log->roll();
    } else if (what < 13) {
      const CleanerManager::Pause pause = co_await life.cleaner.pause({"topic", PartitionId(0)});
      (void)co_await life.log->truncate_to(life.log->log_end() - random_.between(0, 5));
    } else if (what < 15) {
      begin_cleaning(life, false);
    } else if (what < 17) {
      (void)co_await life.log->offset_for_timestamp(to_epoch_millis(this_shard().wall_now()) -
                                                    random_.between(0, 300));
      (void)co_await life.log->offset_of_max_timestamp();
    } else if (what < 18) {
      (void)co_await life.log->delete_old_segments();
    } else {
      co_await read_rotten(life, trusted);
    }
    (void)co_await sleep_for(std::chrono::microseconds(random_.below(1000)));
  }
}

// Whatever was recovered was looked at by the recovery: there not even a bad checksum may be left.
Task<void> LogWorkload::read_rotten(Life& life, Offset recovered_from) {
  Log& log = *life.log;
  if (random_.chance(1, 2)) log.forget_recent();
  Offset looked_at = Offset::max();
  for (const auto& segment : log.segments()) {
    if (segment->base_offset() <= recovered_from) looked_at = segment->base_offset();
  }
  if (recovered_from == Offset::max()) looked_at = recovered_from;
  for (Offset at = log.log_start(); at < log.log_end();) {
    const Result<Fetched> fetched = co_await log.read({.start = at, .max_bytes = random_.below(4000)});
    if (!fetched.ok()) co_return;
    const Result<std::string> bytes = co_await try_bytes_of(fetched->records.clone());
    if (!bytes.ok() || bytes->empty() || fetched->next <= at) co_return;
    judge_rotten(*bytes, fetched->segment_base >= looked_at);
    if (!good()) co_return;
    at = fetched->next;
  }
}

void LogWorkload::judge_rotten(std::string_view bytes, bool recovered) {
  while (!bytes.empty()) {
    const Result<record::BatchView> batch = record::BatchView::first_of(std::as_bytes(std::span(bytes)));
    if (!batch.ok() || !batch->crc_holds()) {
      if (recovered) find("recovery let pass what is no good batch");
      return;  // a reader sees that, too
    }
    const std::string_view shown = bytes.substr(0, batch->size());
    bytes.remove_prefix(shown.size());
    bool known = false;
    for (std::size_t i = 0; i < model_.batches().size() && !known; ++i) {
      known = covered(model_.batches()[i].bytes) == covered(shown) ||
              (config_.compacts && take_cleaned(*batch, i, false).has_value());
    }
    if (!known) return find("shows what was never written at " + batch->base_offset().to_string());
  }
}

}  // namespace ottla::storage
