#include "storage/cleaner/clean_plan.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "base/offset.h"

namespace ottla::storage {
namespace {

using Segments = std::span<const SegmentFacts>;

// From the segment that holds `from` to the last one that begins before `to`.
Segments segments_between(Segments all, Offset from, Offset to) {
  const auto begins_before = [](const SegmentFacts& segment, Offset offset) { return segment.base < offset; };
  const auto begins_after = [](Offset offset, const SegmentFacts& segment) { return offset < segment.base; };
  auto first = std::upper_bound(all.begin(), all.end(), from, begins_after);
  if (first != all.begin()) --first;
  const auto end = std::lower_bound(all.begin(), all.end(), to, begins_before);
  if (first >= end) return {};
  return Segments(first, end);
}

Segments inactive_from(const LogFacts& log, Offset from) {
  return segments_between(log.segments, from, log.segments.back().base);
}

std::uint64_t bytes_of(Segments segments) {
  std::uint64_t sum = 0;
  for (const SegmentFacts& segment : segments) sum += segment.size;
  return sum;
}

CheckpointFault judge_checkpoint(const LogFacts& log) {
  if (!log.checkpoint) return CheckpointFault::none;
  if (*log.checkpoint < log.log_start) return CheckpointFault::before_log_start;
  if (*log.checkpoint > log.log_end) return CheckpointFault::behind_log_end;
  return CheckpointFault::none;
}

Offset uncleanable_from(const LogFacts& log, Offset first_dirty, std::int64_t now_millis) {
  Offset limit = std::min(log.last_stable, log.segments.back().base);
  if (log.config.heeds_largest_timestamps()) {
    const std::int64_t youngest = now_millis - log.config.min_lag.count();
    for (const SegmentFacts& segment : inactive_from(log, first_dirty)) {
      if (segment.largest_timestamp <= youngest) continue;
      limit = std::min(limit, segment.base);
      break;
    }
  }
  return std::max(first_dirty, limit);
}

std::chrono::milliseconds overdue_by(const LogFacts& log, Offset first_dirty, std::int64_t now_millis) {
  if (!log.config.heeds_first_timestamps()) return std::chrono::milliseconds(0);
  const std::int64_t due = now_millis - std::max<std::int64_t>(log.config.max_lag.count(), 0);
  std::int64_t earliest = std::numeric_limits<std::int64_t>::max();
  for (const SegmentFacts& segment : inactive_from(log, first_dirty)) {
    if (segment.first_timestamp > 0) earliest = std::min(earliest, segment.first_timestamp);
  }
  return std::chrono::milliseconds(earliest < due ? due - earliest : 0);
}

// The last offset that a segment may hold, without a look into it: what follows it begins behind.
Offset last_possible_offset(Segments segments, std::size_t index, Offset first_uncleanable) {
  return (index + 1 < segments.size() ? segments[index + 1].base : first_uncleanable) - 1;
}

}  // namespace

CleaningPlan plan_cleaning(const LogFacts& log, std::int64_t now_millis) {
  CleaningPlan plan;
  if (log.segments.empty()) return plan;
  plan.checkpoint_fault = judge_checkpoint(log);
  plan.first_dirty =
      plan.checkpoint_fault == CheckpointFault::none ? log.checkpoint.value_or(log.log_start) : log.log_start;
  const Offset limit = uncleanable_from(log, plan.first_dirty, now_millis);
  // Whole segments only: the one in which the limit lies has to wait.
  const Segments beyond = inactive_from(log, limit);
  plan.first_uncleanable = beyond.empty() ? log.segments.back().base : beyond.front().base;
  plan.clean_bytes = bytes_of(segments_between(log.segments, Offset(-1), plan.first_dirty));
  plan.cleanable_bytes = bytes_of(segments_between(
      log.segments, std::min(plan.first_dirty, plan.first_uncleanable), plan.first_uncleanable));
  plan.overdue = overdue_by(log, plan.first_dirty, now_millis);
  return plan;
}

std::optional<std::size_t> dirtiest(std::span<const CleaningPlan> plans) {
  if (plans.empty()) return {};
  const auto first = std::max_element(
      plans.begin(), plans.end(),
      [](const CleaningPlan& a, const CleaningPlan& b) { return a.cleanable_ratio() < b.cleanable_ratio(); });
  return static_cast<std::size_t>(first - plans.begin());
}

std::vector<SegmentGroup> group_segments(Segments segments, Offset end, Offset first_uncleanable,
                                         const CompactionConfig& config) {
  const Segments all = segments_between(segments, Offset(-1), end);
  std::vector<SegmentGroup> groups;
  const auto most_bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(config.segment_bytes, 0));
  const auto most_index = static_cast<std::uint64_t>(std::max<std::int64_t>(config.segment_index_bytes, 0));
  for (std::size_t begin = 0; begin < all.size();) {
    std::uint64_t size = all[begin].size;
    std::uint64_t offsets = all[begin].offset_index_size;
    std::uint64_t times = all[begin].time_index_size;
    std::size_t next = begin + 1;
    for (; next < all.size(); ++next) {
      size += all[next].size;
      offsets += all[next].offset_index_size;
      times += all[next].time_index_size;
      if (size > most_bytes || offsets > most_index || times > most_index) break;
      // An empty segment has no offset that would have to fit.
      const std::int64_t range = last_possible_offset(all, next, first_uncleanable) - all[begin].base;
      if (all[next].size != 0 && range > INT32_MAX) break;
    }
    groups.push_back({.begin = begin, .end = next});
    begin = next;
  }
  return groups;
}

std::int64_t legacy_delete_horizon(Segments segments, Offset first_dirty, const CompactionConfig& config) {
  const Segments clean = segments_between(segments, Offset(-1), first_dirty);
  return clean.empty() ? 0 : clean.back().modified_millis - config.delete_retention.count();
}

}  // namespace ottla::storage
