// What every benchmark ends with: a table for people, build/bench/NAME.json for machines, and one verdict line.
//
// Method: ours and the baseline take turns (A B A B ...) in one run; a row shows the medians and the median of the
//         pairwise ratios with its minimum and maximum, so that noise that lasts longer than a pair cancels out.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace ottla::bench {

struct Goal {
  enum class On { value, ratio };
  enum class Direction { at_most, at_least };
  On on = On::value;
  Direction direction = Direction::at_most;
  double bound = 0;

  static Goal value_at_most(double bound) { return {On::value, Direction::at_most, bound}; }
  static Goal value_at_least(double bound) { return {On::value, Direction::at_least, bound}; }
  static Goal ratio_at_most(double bound) { return {On::ratio, Direction::at_most, bound}; }
  static Goal ratio_at_least(double bound) { return {On::ratio, Direction::at_least, bound}; }
};

struct Row {
  std::string name;
  std::string unit;
  std::vector<double> samples;
  std::vector<double> baseline_samples;  // empty, or one for each of samples
  std::optional<Goal> goal;
  std::string note;

  double value() const;
  std::optional<double> baseline() const;
  std::optional<double> ratio() const;
  std::optional<bool> met() const;
};

// Measures ours and baseline in turns: one unrecorded round, then `pairs` recorded ones.
Row measure_pairs(std::string name, std::string unit, int pairs, const std::function<double()>& ours,
                  const std::function<double()>& baseline, std::optional<Goal> goal);
Row measure(std::string name, std::string unit, int samples, const std::function<double()>& ours,
            std::optional<Goal> goal);

class Report {
 public:
  // `full`: as much data as the goals speak of, which takes minutes and gigabytes.
  explicit Report(std::string name, bool full = false) : name_(std::move(name)), full_(full) {}
  bool is_full() const { return full_; }
  // Prints the row at once.
  void add(Row row);
  // Writes the JSON file and prints "N of M goals met". The exit code of the program: a missed goal is no failure.
  int finish() const;

 private:
  std::string json() const;

  std::string name_;
  bool full_;
  std::vector<Row> rows_;
};

// What a piece of work took.
struct Cost {
  double wall_ns = 0;
  double cpu_ns = 0;

  Cost operator-(const Cost& other) const { return {wall_ns - other.wall_ns, cpu_ns - other.cpu_ns}; }
};
// Of this process.
Cost cost_now();

struct CostRow {
  std::string name;
  std::string unit;
  double amount = 0;  // of it, that one round moves
};
// Two rows: by the clock, and by CPU time, which says more where others work beside. With full sizes there is no
// unrecorded round.
void add_cost_rows(Report& report, CostRow row, int pairs, const std::function<Cost()>& ours,
                   const std::function<Cost()>& baseline, Goal goal);

double median(std::vector<double> samples);

}  // namespace ottla::bench
