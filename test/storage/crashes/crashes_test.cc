// Every crash of every story, and whether bugs that are planted in them are found.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "test/storage/crashes/every_crash.h"
#include "test/storage/crashes/log_stories.h"
#include "test/storage/crashes/node_subject.h"

namespace ottla::storage {
namespace {

// A twentieth of them where everything takes twenty times as long: there, memory is what is looked at.
CrashLimits limits() {
#if __has_feature(address_sanitizer)
  const CrashShare few{.all_subsets_of = 5, .samples = 32, .all_tears_of = 1, .one_tear = false, .stride = 4};
  return {.share = few, .again_each = 800, .share_again = few};
#else
  CrashLimits limits;
  if (const char* const samples = std::getenv("OTTLA_CRASH_SAMPLES")) {
    limits.share.samples = std::strtoull(samples, nullptr, 10);
  }
  return limits;
#endif
}

// --- Nothing is lost ----------------------------------------------------------------------------------------

void run(CrashSubject& subject) {
  EveryCrash crashes(limits());
  crashes.run(subject);
  for (const std::string& what : crashes.findings()) ADD_FAILURE() << what;
  EXPECT_GT(crashes.counts().opened, 10U);
  std::cout << crashes.counts().text() << '\n';
}

class LogCrash : public ::testing::TestWithParam<LogStory> {};

TEST_P(LogCrash, LeavesAPrefixWithAllThatWasDurable) {
  run(*subject_of(GetParam(), Plant::none));
}

INSTANTIATE_TEST_SUITE_P(Stories, LogCrash, ::testing::ValuesIn(log_stories()),
                         [](const auto& story) { return std::string(story.param.name); });

class NodeCrash : public ::testing::TestWithParam<NodeStory> {};

TEST_P(NodeCrash, LeavesWhatWasPromised) {
  NodeSubject subject(GetParam().steps, Plant::none);
  run(subject);
}

INSTANTIATE_TEST_SUITE_P(Stories, NodeCrash, ::testing::ValuesIn(node_stories()),
                         [](const auto& story) { return std::string(story.param.name); });

// --- Bugs are found -----------------------------------------------------------------------------------------

// A bug, and the story that it spoils.
struct Spoiled {
  Plant plant;
  std::string_view story;
  std::string_view name;
};

void PrintTo(const Spoiled& spoiled, std::ostream* out) {
  *out << spoiled.name << " in " << spoiled.story;
}

std::string name_of(const ::testing::TestParamInfo<Spoiled>& info) {
  return std::string(info.param.name);
}

template <typename Stories>
const auto& story_named(const Stories& stories, std::string_view name) {
  return *std::ranges::find(stories, name, [](const auto& story) { return story.name; });
}

void expect_found(CrashSubject& subject) {
  EveryCrash crashes({});
  crashes.run(subject);
  EXPECT_FALSE(crashes.findings().empty()) << crashes.counts().text();
}

class LogBug : public ::testing::TestWithParam<Spoiled> {};

TEST_P(LogBug, IsFound) {
  expect_found(*subject_of(story_named(log_stories(), GetParam().story), GetParam().plant));
}

INSTANTIATE_TEST_SUITE_P(
    Planted, LogBug,
    ::testing::Values(
        Spoiled{Plant::log_sync_lies, "acks_that_wait_for_a_sync", "log_sync_lies"},
        Spoiled{Plant::name_sync_lies, "compaction", "name_sync_lies"},
        Spoiled{Plant::index_sync_lies, "rolls", "index_sync_lies"},
        Spoiled{Plant::small_sync_lies, "epochs", "small_sync_lies"},
        Spoiled{Plant::truncation_too_short, "truncation_in_a_segment", "truncation_too_short"},
        Spoiled{Plant::truncation_too_long, "truncation_in_a_segment", "truncation_too_long"},
        Spoiled{Plant::truncation_forgotten, "truncation_over_segments", "truncation_forgotten"},
        Spoiled{Plant::removal_forgotten, "a_new_beginning", "removal_forgotten"},
        Spoiled{Plant::offset_index_wrong, "rolls", "offset_index_wrong"},
        Spoiled{Plant::recovery_point_ahead, "appends_and_flushes", "recovery_point_ahead"},
        Spoiled{Plant::clean_after_a_crash, "appends_and_flushes", "clean_after_a_crash"},
        Spoiled{Plant::point_stays_when_cut, "truncation_over_segments", "point_stays_when_cut"},
        Spoiled{Plant::cleaned_sync_lies, "compaction", "cleaned_sync_lies"},
        Spoiled{Plant::old_segments_stay, "compaction", "old_segments_stay"},
        Spoiled{Plant::clean_end_ahead, "compaction_beside_appends", "clean_end_ahead"}),
    name_of);

class NodeBug : public ::testing::TestWithParam<Spoiled> {};

TEST_P(NodeBug, IsFound) {
  NodeSubject subject(story_named(node_stories(), GetParam().story).steps, GetParam().plant);
  expect_found(subject);
}

INSTANTIATE_TEST_SUITE_P(
    Planted, NodeBug,
    ::testing::Values(
        Spoiled{Plant::log_sync_lies, "a_log_moves", "log_sync_lies"},
        Spoiled{Plant::name_sync_lies, "a_partition_is_created", "name_sync_lies"},
        Spoiled{Plant::small_sync_lies, "checkpoints_are_written", "small_sync_lies"},
        Spoiled{Plant::checkpoint_forgotten, "what_was_checkpointed_is_cut_off", "checkpoint_forgotten"},
        Spoiled{Plant::removal_forgotten, "a_node_stops", "clean_mark_stays"},
        Spoiled{Plant::truncation_too_short, "what_was_checkpointed_is_cut_off", "truncation_too_short"}),
    name_of);

}  // namespace
}  // namespace ottla::storage
