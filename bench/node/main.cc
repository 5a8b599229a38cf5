// ./dev bench node [--pairs N] [--full] [GROUP...]: a whole node beside the reference's. The rows of many partitions are
// ours alone, unless all of it is wanted: they take the reference minutes.
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
#include "bench/node/partitions.h"
#include "bench/node/subject.h"
#include "bench/report.h"

namespace ottla::bench {
namespace {

constexpr int kTopics = 1'000;
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
