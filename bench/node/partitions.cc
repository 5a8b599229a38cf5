#include "bench/node/partitions.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bench/admin.h"
#include "bench/node/subject.h"
#include "bench/node/wide_topic.h"

namespace ottla::bench {
namespace {

constexpr std::size_t kPartitions = 10'000;
constexpr int kLooks = 20;
constexpr int kMostPairs = 3;

class Rows {
 public:
  Rows(std::string prefix, Report& report) : prefix_(std::move(prefix)), report_(report) {}
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  // In the order in which they were asked for first.
  void keep(bool is_ours, const std::string& name, const char* unit, double value,
            std::optional<Goal> goal = {}) {
    auto row = std::ranges::find(rows_, prefix_ + name, &Row::name);
    if (row == rows_.end()) {
      row = rows_.insert(rows_.end(), {.name = prefix_ + name,
                                       .unit = unit,
                                       .samples = {},
                                       .baseline_samples = {},
                                       .goal = goal,
                                       .note = {}});
    }
    (is_ours ? row->samples : row->baseline_samples).push_back(value);
  }
  void tell() {
    for (Row& row : rows_) report_.add(std::move(row));
  }

 private:
  std::string prefix_;
  Report& report_;
  std::vector<Row> rows_;
};

// One node's life: from the first request to create them to a start after a kill.
void live_once(Subject& node, bool is_ours, Rows& rows) {
  const NewTopic wide{"wide", static_cast<std::int32_t>(kPartitions - 1)};
  const NewTopic more{"more", 1};
  const auto keep = [&](const char* name, const char* unit, double value, std::optional<Goal> goal = {}) {
    rows.keep(is_ours, name, unit, value, goal);
  };
  const auto serve_all = [&] { return await_served(node.port(), more) + await_served(node.port(), wide); };
  // To the first record that is taken in, then until all are there.
  const auto start = [&](const std::string& after) {
    const double first = node.start() / 1000 + fill(node.port(), more);
    rows.keep(is_ours, "exec to the first record, " + after, "s", first, Goal::value_at_most(1));
    rows.keep(is_ours, "exec until all serve, " + after, "s", first + serve_all());
  };
  node.start();
  const double answered = create_topics(node.port(), {wide, more});
  const double led = answered + await_leaders(node.port(), kPartitions);
  keep("created, in requests of 9,999 and 1: answered", "s", answered, Goal::value_at_most(2));
  keep("created, and all have leaders", "s", led, Goal::value_at_most(2));
  keep("created, and all serve", "s", led + serve_all());
  keep("resident", "MiB", node.resident_mib(), Goal::value_at_most(150));
  keep("Metadata of all, at the client", "ms", metadata_ms(node.port(), kLooks), Goal::value_at_most(5));
  keep("SIGTERM to the end, all empty", "s", node.stop() / 1000);
  start("all empty");
  keep("a record to each", "s", fill(node.port(), wide));
  keep("resident, a record in each", "MiB", node.resident_mib(), Goal::value_at_most(150));
  keep("SIGTERM to the end, a record in each", "s", node.stop() / 1000);
  start("a record in each");
  (void)fill(node.port(), wide);
  node.kill();
  start("after a kill");
  node.stop();
}

}  // namespace

void partition_rows(Report& report, int pairs) {
  Rows rows("10,000 partitions: ", report);
  for (int each = 0; each < std::min(pairs, kMostPairs); ++each) {
    live_once(*our_node(), true, rows);
    // Which takes minutes for each.
    if (report.is_full()) live_once(*reference_node(), false, rows);
  }
  rows.tell();
}

}  // namespace ottla::bench
