#include "storage/cleaner/clean_plan.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <vector>

#include "base/offset.h"

namespace ottla::storage {
namespace {

using std::chrono::milliseconds;

// Segments of 100 bytes at offsets 0, 10, 20… of which the last is active; all is stable, nothing was cleaned.
LogFacts log_of(int segments) {
  LogFacts log;
  for (int i = 0; i < segments; ++i) {
    log.segments.push_back({.base = Offset(10 * i),
                            .size = 100,
                            .modified_millis = 1000 * (i + 1),
                            .largest_timestamp = 1000 * (i + 1),
                            .first_timestamp = 1000 * i + 1});
  }
  log.log_end = Offset(10 * segments);
  log.last_stable = log.log_end;
  return log;
}

LogFacts cleaned_to(std::int64_t offset, LogFacts log) {
  log.checkpoint = Offset(offset);
  return log;
}

TEST(CleanPlan, AllButTheActiveSegmentIsDirtyAtFirst) {
  const CleaningPlan plan = plan_cleaning(log_of(4), 0);
  EXPECT_EQ(plan.first_dirty, Offset(0));
  EXPECT_EQ(plan.first_uncleanable, Offset(30));
  EXPECT_EQ(plan.clean_bytes, 0u);
  EXPECT_EQ(plan.cleanable_bytes, 300u);
  EXPECT_TRUE(plan.wanted({}));
}

TEST(CleanPlan, GoesOnWhereItStopped) {
  const CleaningPlan plan = plan_cleaning(cleaned_to(20, log_of(5)), 0);
  EXPECT_EQ(plan.first_dirty, Offset(20));
  EXPECT_EQ(plan.clean_bytes, 200u);
  EXPECT_EQ(plan.cleanable_bytes, 200u);
  EXPECT_FALSE(plan.wanted({.min_cleanable_ratio = 0.5})) << "more than half has to be dirty";
  EXPECT_TRUE(plan.wanted({.min_cleanable_ratio = 0.49}));
}

TEST(CleanPlan, AnActiveSegmentAloneIsNotCleaned) {
  const CleaningPlan plan = plan_cleaning(log_of(1), 0);
  EXPECT_EQ(plan.total_bytes(), 0u);
  EXPECT_FALSE(plan.wanted({.min_cleanable_ratio = 0}));
}

TEST(CleanPlan, StopsBeforeTheSegmentOfTheLastStableOffset) {
  LogFacts log = log_of(5);
  log.last_stable = Offset(25);
  const CleaningPlan plan = plan_cleaning(log, 0);
  EXPECT_EQ(plan.first_uncleanable, Offset(20));
  EXPECT_EQ(plan.cleanable_bytes, 200u);
}

TEST(CleanPlan, AnOpenTransactionBelowTheDirtyPointStopsEverything) {
  LogFacts log = cleaned_to(30, log_of(5));
  log.last_stable = Offset(25);
  const CleaningPlan plan = plan_cleaning(log, 0);
  EXPECT_EQ(plan.first_uncleanable, Offset(30));
  EXPECT_EQ(plan.cleanable_bytes, 0u);
}

TEST(CleanPlan, AMinimumLagKeepsYoungSegments) {
  LogFacts log = log_of(5);
  log.config.min_lag = milliseconds(500);
  EXPECT_EQ(plan_cleaning(log, 2499).first_uncleanable, Offset(10)) << "2000 is 499 ago";
  EXPECT_EQ(plan_cleaning(log, 2500).first_uncleanable, Offset(20)) << "2000 is 500 ago";
  EXPECT_EQ(plan_cleaning(log, 99999).first_uncleanable, Offset(40)) << "the active one";
}

TEST(CleanPlan, AMaximumLagOverridesTheRatio) {
  LogFacts log = cleaned_to(30, log_of(5));
  log.config.max_lag = milliseconds(700);
  EXPECT_EQ(plan_cleaning(log, 3701).overdue, milliseconds(0)) << "3001 is 700 ago";
  const CleaningPlan plan = plan_cleaning(log, 3711);
  EXPECT_EQ(plan.overdue, milliseconds(10));
  EXPECT_TRUE(plan.wanted({.min_cleanable_ratio = 1}));
  EXPECT_FALSE(plan_cleaning(cleaned_to(40, log), 99999).wanted({.min_cleanable_ratio = 1}))
      << "nothing is dirty";
}

TEST(CleanPlan, UnknownFirstTimesAreNotOverdue) {
  LogFacts log = log_of(3);
  for (SegmentFacts& segment : log.segments) segment.first_timestamp = -1;
  log.config.max_lag = milliseconds(1);
  EXPECT_EQ(plan_cleaning(log, 99999).overdue, milliseconds(0));
}

TEST(CleanPlan, ACheckpointOutsideOfTheLogStartsAnew) {
  LogFacts log = cleaned_to(51, log_of(5));
  EXPECT_EQ(plan_cleaning(log, 0).checkpoint_fault, CheckpointFault::behind_log_end);
  EXPECT_EQ(plan_cleaning(log, 0).first_dirty, Offset(0));
  log = cleaned_to(5, log_of(5));
  log.log_start = Offset(12);
  EXPECT_EQ(plan_cleaning(log, 0).checkpoint_fault, CheckpointFault::before_log_start);
  EXPECT_EQ(plan_cleaning(log, 0).first_dirty, Offset(12));
  EXPECT_EQ(plan_cleaning(cleaned_to(50, log_of(5)), 0).checkpoint_fault, CheckpointFault::none);
}

TEST(CleanPlan, TheDirtiestGoesFirst) {
  const CleaningPlan half = plan_cleaning(cleaned_to(20, log_of(5)), 0);
  const CleaningPlan most = plan_cleaning(cleaned_to(10, log_of(5)), 0);
  const CleaningPlan plans[] = {half, most, half};
  EXPECT_EQ(dirtiest(plans), 1u);
  EXPECT_EQ(dirtiest({}), std::nullopt);
}

// --- Groups -------------------------------------------------------------------------------------------------

using Groups = std::vector<SegmentGroup>;

Groups groups_of(const LogFacts& log, CompactionConfig config, std::int64_t end = 1000,
                 std::int64_t uncleanable = 1000) {
  return group_segments(log.segments, Offset(end), Offset(uncleanable), config);
}

TEST(SegmentGroups, FillOneSegment) {
  EXPECT_EQ(groups_of(log_of(5), {.segment_bytes = 200}), (Groups{{0, 2}, {2, 4}, {4, 5}}));
  EXPECT_EQ(groups_of(log_of(5), {.segment_bytes = 299}), (Groups{{0, 2}, {2, 4}, {4, 5}}));
  EXPECT_EQ(groups_of(log_of(5), {}), (Groups{{0, 5}}));
  EXPECT_EQ(groups_of(log_of(2), {.segment_bytes = 1}), (Groups{{0, 1}, {1, 2}})) << "each is its own";
}

TEST(SegmentGroups, EndWhereTheCleaningEnds) {
  EXPECT_EQ(groups_of(log_of(5), {}, 21), (Groups{{0, 3}})) << "the third is cleaned in part";
  EXPECT_EQ(groups_of(log_of(5), {}, 20), (Groups{{0, 2}}));
  EXPECT_EQ(groups_of(log_of(5), {}, 0), Groups());
}

TEST(SegmentGroups, HeedTheSizesOfIndexes) {
  LogFacts log = log_of(3);
  for (SegmentFacts& segment : log.segments) segment.offset_index_size = 40;
  EXPECT_EQ(groups_of(log, {.segment_index_bytes = 80}), (Groups{{0, 2}, {2, 3}}));
  for (SegmentFacts& segment : log.segments) segment.time_index_size = 60;
  EXPECT_EQ(groups_of(log, {.segment_index_bytes = 110}), (Groups{{0, 1}, {1, 2}, {2, 3}}));
}

LogFacts log_at(std::initializer_list<std::int64_t> bases, std::uint64_t size = 100) {
  LogFacts log;
  for (const std::int64_t base : bases) log.segments.push_back({.base = Offset(base), .size = size});
  return log;
}

TEST(SegmentGroups, OffsetsFitIntoOneSegment) {
  constexpr std::int64_t kMost = INT32_MAX;
  // What the second can hold at most is bounded by where the third begins, or by the end of what may be cleaned.
  EXPECT_EQ(groups_of(log_at({0, 10, kMost + 1}), {}, kMost, kMost), (Groups{{0, 2}}));
  EXPECT_EQ(groups_of(log_at({0, 10, kMost + 2}), {}, kMost + 10, kMost + 10), (Groups{{0, 1}, {1, 3}}));
  EXPECT_EQ(groups_of(log_at({0, 10}), {}, 20, kMost + 1), (Groups{{0, 2}}));
  EXPECT_EQ(groups_of(log_at({0, 10}), {}, 20, kMost + 2), (Groups{{0, 1}, {1, 2}}));
  EXPECT_EQ(groups_of(log_at({0, 10}, 0), {}, 20, kMost + 2), (Groups{{0, 2}})) << "empty";
}

TEST(LegacyDeleteHorizon, CountsFromTheLastCleanSegment) {
  const LogFacts log = log_of(5);
  const CompactionConfig config{.delete_retention = milliseconds(300)};
  EXPECT_EQ(legacy_delete_horizon(log.segments, Offset(20), config), 1700);
  EXPECT_EQ(legacy_delete_horizon(log.segments, Offset(0), config), 0);
}

}  // namespace
}  // namespace ottla::storage
