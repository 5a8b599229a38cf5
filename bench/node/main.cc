// ./dev bench node [--pairs N] [GROUP...]: a whole node beside the reference's.
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/admin.h"
#include "bench/groups.h"
#include "bench/measure.h"
#include "bench/node/subject.h"
#include "bench/report.h"

namespace ottla::bench {
namespace {

constexpr std::size_t kPartitions = 10'000;
constexpr int kTopics = 1'000;
constexpr int kLooks = 20;
constexpr double kMib = 1024.0 * 1024.0;
// These take the reference half a minute each.
constexpr int kMostSlowPairs = 3;

Row pair(std::string name, std::string unit, std::optional<Goal> goal) {
  return {.name = std::move(name),
          .unit = std::move(unit),
          .samples = {},
          .baseline_samples = {},
          .goal = goal,
          .note = {}};
}

void start_rows(Report& report, int pairs) {
  const auto ours = our_node();
  const auto theirs = reference_node();
  Row start = pair("exec to first answer, existing directory", "ms", Goal::value_at_most(50));
  Row stop = pair("SIGTERM to the end", "ms", std::nullopt);
  Row idle = pair("resident when idle, two shards", "MiB", Goal::value_at_most(20));
  for (int each = 0; each <= pairs; ++each) {
    for (auto* node : {ours.get(), theirs.get()}) {
      const double started = node->start();
      ::sleep(1);  // until it has come to rest
      const double resident = node->resident_mib();
      const double stopped = node->stop();
      if (each == 0) continue;
      const bool is_ours = node == ours.get();
      (is_ours ? start.samples : start.baseline_samples).push_back(started);
      (is_ours ? idle.samples : idle.baseline_samples).push_back(resident);
      (is_ours ? stop.samples : stop.baseline_samples).push_back(stopped);
    }
  }
  report.add(std::move(start));
  report.add(std::move(stop));
  report.add(std::move(idle));
}

void new_directory_rows(Report& report, int pairs) {
  report.add(measure(
      "exec to first answer, new directory that it formats", "ms", pairs,
      [] { return our_new_node()->start(); }, Goal::value_at_most(50)));
}

void size_rows(Report& report, int) {
  report.add(measure(
      "stripped binary", "MiB", 1,
      [] {
        const Directory directory;
        const std::string stripped = directory.path() + "/ottla";
        if (std::system(("strip -o " + stripped + " build/release/ottla").c_str()) != 0) {
          throw std::runtime_error("strip failed");
        }
        return static_cast<double>(std::filesystem::file_size(stripped)) / kMib;
      },
      Goal::value_at_most(20)));
}

void partition_rows(Report& report, int pairs) {
  Row create = pair("10,000 partitions: created, in requests of 9,999 and 1", "s", Goal::value_at_most(2));
  Row memory = pair("10,000 partitions: resident", "MiB", Goal::value_at_most(150));
  Row metadata = pair("10,000 partitions: Metadata of all, at the client", "ms", Goal::value_at_most(5));
  Row restart = pair("10,000 partitions: exec until all have leaders again", "s", Goal::value_at_most(1));
  const auto once = [&](Subject& node, auto&& keep) {
    node.start();
    const double created =
        create_topics(node.port(), {{"wide", static_cast<std::int32_t>(kPartitions - 1)}, {"more", 1}}) +
        await_leaders(node.port(), kPartitions);
    keep(create, created);
    keep(metadata, metadata_ms(node.port(), kLooks));
    keep(memory, node.resident_mib());
    node.stop();
    keep(restart, node.start() / 1000 + await_leaders(node.port(), kPartitions));
    node.stop();
  };
  for (int each = 0; each < std::min(pairs, kMostSlowPairs); ++each) {
    once(*our_node(), [](Row& row, double value) { row.samples.push_back(value); });
    once(*reference_node(), [](Row& row, double value) { row.baseline_samples.push_back(value); });
  }
  report.add(std::move(create));
  report.add(std::move(memory));
  report.add(std::move(metadata));
  report.add(std::move(restart));
}

void topic_rows(Report& report, int pairs) {
  Row row = pair("1,000 topics one by one", "topics/s", Goal::ratio_at_least(5));
  std::vector<NewTopic> topics;
  for (int each = 0; each < kTopics; ++each) topics.push_back({"topic-" + std::to_string(each), 1});
  const auto once = [&](Subject& node, std::vector<double>& samples) {
    node.start();
    samples.push_back(kTopics / create_topics(node.port(), topics));
    node.stop();
  };
  for (int each = 0; each < std::min(pairs, kMostSlowPairs); ++each) {
    once(*our_node(), row.samples);
    once(*reference_node(), row.baseline_samples);
  }
  report.add(std::move(row));
}

constexpr Group kGroups[] = {{"start", start_rows},
                             {"new", new_directory_rows},
                             {"size", size_rows},
                             {"partitions", partition_rows},
                             {"topics", topic_rows}};

}  // namespace
}  // namespace ottla::bench

int main(int argc, char** argv) {
  return ottla::bench::run_groups("node", ottla::bench::kGroups,
                                  std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
}
