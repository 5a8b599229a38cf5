#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "base/error.h"
#include "storage/log/log.h"
#include "storage/log/segment_swap.h"

namespace ottla::storage {

Task<Result<std::unique_ptr<Segment>>> Log::create_cleaned(Offset base) {
  OTTLA_CO_TRY(const Gate::Pass pass, gate_.enter());
  // It becomes as large as what is left: no more.
  LogConfig config = *config_;
  config.preallocate = false;
  auto segment = std::make_unique<Segment>(tools_, directory_, base, config, FileStage::cleaned);
  Result<void> created = co_await segment->create(config);
  if (created.ok()) co_return segment;
  co_await segment->close_files();
  co_return std::move(created).error();
}

Task<Result<void>> Log::replace_segments(std::unique_ptr<Segment> cleaned, std::vector<Segment*> replaced) {
  Result<void> done = co_await swap_in(cleaned, replaced);
  if (cleaned == nullptr) co_return done;
  // It did not come to that. If its files stay, the next start removes them.
  co_await cleaned->close_files();
  if (!offline_) (void)co_await cleaned->remove_files();
  co_return done;
}

// Takes `cleaned` once the segments have changed their names.
Task<Result<void>> Log::swap_in(std::unique_ptr<Segment>& cleaned, std::vector<Segment*> replaced) {
  OTTLA_CO_TRY(const Gate::Pass pass, gate_.enter());
  OTTLA_CO_TRY(const Semaphore::Permit turn, co_await turn_.acquire(1));
  if (offline_) co_return *offline_;
  const auto first = std::ranges::find(segments_, replaced.front(), &std::unique_ptr<Segment>::get);
  const auto begin = static_cast<std::size_t>(first - segments_.begin());
  const std::size_t end = begin + replaced.size();
  for (std::size_t i = begin; i < end; ++i) {
    // The last one is active.
    if (i + 1 >= segments_.size() || segments_[i].get() != replaced[i - begin]) {
      co_return Error(Errc::cancelled, "segments of " + partition_ + " went while they were compacted");
    }
  }
  for (Segment* const old : replaced) co_await hurry_removal(old->base_offset());
  Result<void> swapped = co_await swap_segments(tools_.file_system, cleaned.get(), replaced);
  if (!swapped.ok()) {
    // Which of the files have their new names is not known: the next start finds out.
    (void)note_failure(swapped.error());
    if (!offline_) offline_ = swapped.error();
    co_return swapped;
  }
  cursors_.clear();
  tail_.forget_before(segments_[end]->base_offset());
  std::vector<Offset> stale;
  for (std::size_t i = begin; i < end; ++i) {
    const Offset base = segments_[i]->base_offset();
    if (i != begin && snapshots_.remove(base)) stale.push_back(base);
    let_go(std::move(segments_[i]));
  }
  segments_[begin] = std::move(cleaned);
  segments_.erase(segments_.begin() + static_cast<std::ptrdiff_t>(begin) + 1,
                  segments_.begin() + static_cast<std::ptrdiff_t>(end));
  co_await remove_snapshots(std::move(stale));
  co_return Result<void>();
}

}  // namespace ottla::storage
