#include "bench/report.h"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "bench/measure.h"

namespace ottla::bench {
namespace {

std::string first_value_in(const char* path, const std::string& key) {
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(key)) continue;
    const std::size_t colon = line.find(':');
    const std::size_t start = colon == std::string::npos ? colon : line.find_first_not_of(" \t", colon + 1);
    return start == std::string::npos ? "" : line.substr(start);
  }
  return "unknown";
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  return out + '"';
}

std::string number(double value) {
  return fmt::format("{:.6g}", value);
}

std::string numbers(const std::vector<double>& values) {
  std::string out = "[";
  for (const double value : values) out += (out.size() > 1 ? ", " : "") + number(value);
  return out + ']';
}

std::vector<double> pair_ratios(const Row& row) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < row.baseline_samples.size(); ++i) {
    ratios.push_back(row.samples[i] / row.baseline_samples[i]);
  }
  return ratios;
}

std::string show_goal(const Row& row) {
  if (!row.goal) return "";
  return fmt::format("{}{} {:.4g}", row.goal->on == Goal::On::ratio ? "ratio " : "",
                     row.goal->direction == Goal::Direction::at_most ? "<=" : ">=", row.goal->bound);
}

void print_row(const Row& row) {
  std::string ratio;
  if (row.ratio()) {
    const std::vector<double> ratios = pair_ratios(row);
    const auto [low, high] = std::ranges::minmax(ratios);
    ratio = fmt::format("{:.3f} ({:.2f}-{:.2f})", *row.ratio(), low, high);
  }
  const std::string line = fmt::format(
      "{:<44} {:>12} {:>12} {:<10} {:<20} {:<16} {}", row.name, fmt::format("{:.4g}", row.value()),
      row.baseline() ? fmt::format("{:.4g}", *row.baseline()) : "", row.unit, ratio, show_goal(row),
      row.met() ? (*row.met() ? "met" : "MISSED") : row.note);
  std::puts(line.c_str());
  std::fflush(stdout);
}

}  // namespace

double median(std::vector<double> samples) {
  if (samples.empty()) return 0;
  std::ranges::sort(samples);
  const std::size_t middle = samples.size() / 2;
  return samples.size() % 2 == 1 ? samples[middle] : (samples[middle - 1] + samples[middle]) / 2;
}

double Row::value() const {
  return median(samples);
}

std::optional<double> Row::baseline() const {
  if (baseline_samples.empty()) return std::nullopt;
  return median(baseline_samples);
}

std::optional<double> Row::ratio() const {
  if (baseline_samples.empty()) return std::nullopt;
  return median(pair_ratios(*this));
}

std::optional<bool> Row::met() const {
  if (!goal) return std::nullopt;
  const double figure = goal->on == Goal::On::ratio ? ratio().value() : value();
  return goal->direction == Goal::Direction::at_most ? figure <= goal->bound : figure >= goal->bound;
}

Row measure_pairs(std::string name, std::string unit, int pairs, const std::function<double()>& ours,
                  const std::function<double()>& baseline, std::optional<Goal> goal) {
  Row row{std::move(name), std::move(unit), {}, {}, goal, {}};
  (void)ours();
  (void)baseline();
  for (int i = 0; i < pairs; ++i) {
    row.samples.push_back(ours());
    row.baseline_samples.push_back(baseline());
  }
  return row;
}

Row measure(std::string name, std::string unit, int samples, const std::function<double()>& ours,
            std::optional<Goal> goal) {
  Row row{std::move(name), std::move(unit), {}, {}, goal, {}};
  (void)ours();
  for (int i = 0; i < samples; ++i) row.samples.push_back(ours());
  return row;
}

void Report::add(Row row) {
  if (rows_.empty()) {
    std::puts(fmt::format("{:<44} {:>12} {:>12} {:<10} {:<20} {:<16} {}", name_, "ours", "baseline", "unit",
                          "ratio (min-max)", "goal", "verdict")
                  .c_str());
  }
  print_row(row);
  rows_.push_back(std::move(row));
}

std::string Report::json() const {
  utsname system{};
  ::uname(&system);
  const long pages = ::sysconf(_SC_PHYS_PAGES);
  std::string out = "{\n  \"name\": " + quoted(name_) +
                    ",\n  \"machine\": {\"cpu\": " + quoted(first_value_in("/proc/cpuinfo", "model name")) +
                    ", \"cores\": " + std::to_string(::sysconf(_SC_NPROCESSORS_ONLN)) +
                    ", \"memory_bytes\": " + std::to_string(pages * ::sysconf(_SC_PAGESIZE)) +
                    ", \"kernel\": " + quoted(system.release) +
                    "},\n  \"versions\": {\"ottla\": " + quoted(OTTLA_VERSION) +
                    ", \"compiler\": " + quoted(__VERSION__) + "},\n  \"rows\": [";
  const char* separator = "\n    ";
  for (const Row& row : rows_) {
    out += separator;
    separator = ",\n    ";
    out += "{\"name\": " + quoted(row.name) + ", \"unit\": " + quoted(row.unit) +
           ", \"value\": " + number(row.value()) +
           ", \"baseline\": " + (row.baseline() ? number(*row.baseline()) : "null") +
           ", \"ratio\": " + (row.ratio() ? number(*row.ratio()) : "null") +
           ", \"goal\": " + (row.goal ? quoted(show_goal(row)) : "null") +
           ", \"met\": " + (row.met() ? (*row.met() ? "true" : "false") : "null") +
           ", \"note\": " + quoted(row.note) + ", \"samples\": " + numbers(row.samples) +
           ", \"baseline_samples\": " + numbers(row.baseline_samples) + "}";
  }
  return out + "\n  ]\n}\n";
}

int Report::finish() const {
  const std::string path = "build/bench/" + name_ + ".json";
  std::filesystem::create_directories("build/bench");
  std::ofstream file(path);
  file << json();
  file.close();
  if (!file) {
    std::puts(fmt::format("cannot write {}", path).c_str());
    return 1;
  }
  const auto judged = std::ranges::count_if(rows_, [](const Row& row) { return row.goal.has_value(); });
  const auto met = std::ranges::count_if(rows_, [](const Row& row) { return row.met().value_or(false); });
  std::puts(fmt::format("raw samples: {}\n{} of {} goals met", path, met, judged).c_str());
  return 0;
}

Cost cost_now() {
  return {.wall_ns = now_ns(), .cpu_ns = process_cpu_ns()};
}

void add_cost_rows(Report& report, CostRow row, int pairs, const std::function<Cost()>& ours,
                   const std::function<Cost()>& baseline, Goal goal) {
  Row wall;
  wall.name = row.name;
  wall.unit = row.unit;
  wall.goal = goal;
  Row cpu = wall;
  cpu.name += ", by CPU time";
  if (!report.is_full()) {
    (void)ours();
    (void)baseline();
  }
  const double amount = row.amount * 1e9;
  for (int i = 0; i < pairs; ++i) {
    const Cost mine = ours();
    const Cost bare = baseline();
    wall.samples.push_back(amount / mine.wall_ns);
    wall.baseline_samples.push_back(amount / bare.wall_ns);
    cpu.samples.push_back(amount / mine.cpu_ns);
    cpu.baseline_samples.push_back(amount / bare.cpu_ns);
  }
  report.add(std::move(wall));
  report.add(std::move(cpu));
}

}  // namespace ottla::bench
