#include "testing/sim_program.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <utility>

#include "testing/isolated_run.h"
#include "testing/shrink.h"
#include "testing/sim_arguments.h"

namespace ottla::testing {
namespace {

constexpr std::chrono::seconds kPatience(120);

using Scenarios = std::vector<const SimulatedScenario*>;

class Printer final : public sim::TraceSink {
 public:
  void line(std::string_view text) override { fmt::print("{}\n", text); }
};

std::string join(const auto& parts) {
  return fmt::format("{}", fmt::join(parts, ","));
}

// What has been seen so far, and how fast it came.
class Tally {
 public:
  explicit Tally(std::uint64_t wanted) : wanted_(wanted), in_place_(::isatty(STDERR_FILENO) == 1) {}

  void add(const Outcome& outcome) {
    ++seeds_;
    steps_ += outcome.steps;
    acked_ += outcome.acked_operations;
    strikes_ += outcome.strikes;
    show_progress();
  }
  std::uint64_t seeds() const { return seeds_; }

  void report() {
    if (in_place_) fmt::print(stderr, "\r\033[K");
    const double took = elapsed();
    fmt::print(
        "{} seeds in {:.1f} s: {:.1f} seeds/s, {:.0f} events/s; per seed {} events, {} acked operations, "
        "{:.1f} strikes\n",
        seeds_, took, static_cast<double>(seeds_) / took, static_cast<double>(steps_) / took,
        seeds_ == 0 ? 0 : steps_ / seeds_, seeds_ == 0 ? 0 : acked_ / seeds_,
        seeds_ == 0 ? 0.0 : static_cast<double>(strikes_.total()) / static_cast<double>(seeds_));
    fmt::print("what struck:");
    const char* separator = " ";
    for (std::size_t i = 0; i < sim::kStrikes; ++i) {
      const auto strike = static_cast<sim::Strike>(i);
      if (strikes_[strike] == 0) continue;
      fmt::print("{}{} {}", std::exchange(separator, ", "), name_of(strike), strikes_[strike]);
    }
    fmt::print("{}\n", strikes_.total() == 0 ? " nothing" : "");
  }

 private:
  double elapsed() const {
    return std::max(1e-9, std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count());
  }
  void show_progress() {
    const auto now = std::chrono::steady_clock::now();
    const auto pause = in_place_ ? std::chrono::milliseconds(200) : std::chrono::milliseconds(15'000);
    if (now - shown_ < pause) return;
    shown_ = now;
    fmt::print(stderr, "{}{} of {} seeds, {:.1f} a second{}", in_place_ ? "\r\033[K" : "", seeds_, wanted_,
               static_cast<double>(seeds_) / elapsed(), in_place_ ? "" : "\n");
    std::fflush(stderr);
  }

  const std::uint64_t wanted_;
  const bool in_place_;
  const std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point shown_ = begun_;
  std::uint64_t seeds_ = 0;
  std::uint64_t steps_ = 0;
  std::uint64_t acked_ = 0;
  sim::StrikeCounts strikes_;
};

void list(const Scenarios& scenarios) {
  for (const SimulatedScenario* scenario : scenarios) {
    fmt::print("{}: {}\n", scenario->name(), scenario->purpose());
    for (const std::string_view bug : scenario->bugs()) fmt::print("  --plant {}\n", bug);
  }
}

// A line that announces another one takes it along.
std::string first_line(const Outcome& outcome) {
  std::string text = outcome.violations.front();
  std::size_t end = text.find('\n');
  if (end != std::string::npos && end > 0 && text[end - 1] == ':') {
    text[end] = ' ';
    end = text.find('\n');
  }
  return text.substr(0, end);
}

std::string replay_command(const SimulatedScenario& scenario, const RunRequest& request,
                           const Shrunk& shrunk) {
  std::string command = fmt::format("./dev sim --world {} --seed {}", scenario.name(), request.seed);
  if (!request.planted_bug.empty()) command += " --plant " + request.planted_bug;
  if (!shrunk.left_out.empty()) command += " --without " + join(shrunk.left_out);
  if (!shrunk.calmed.empty()) command += " --calm " + join(shrunk.calmed);
  return command;
}

int replay(const SimulatedScenario& scenario, const SimArguments& arguments) {
  RunRequest request = scenario.request(*arguments.seed);
  request.planted_bug = arguments.planted_bug;
  for (const std::string& name : arguments.calmed) calm(request.options, name);
  std::vector<std::size_t> left_out = arguments.left_out;
  std::ranges::sort(left_out, std::greater<>());
  for (const std::size_t index : left_out) {
    if (index < request.plan.faults.size()) request.plan = request.plan.without(index);
  }
  fmt::print("seed {} meets {} faults:\n{}", request.seed, request.plan.faults.size(),
             request.plan.to_string());
  std::fflush(stdout);
  Printer printer;
  if (arguments.trace) request.trace = &printer;
  // With a trace, in this process: an abort then leaves all that was printed before it.
  const Outcome outcome =
      arguments.trace ? scenario.run(request) : run_isolated(scenario, request, kPatience);
  for (const std::string& violation : outcome.violations) fmt::print("violation: {}\n", violation);
  fmt::print("{} events, {} acked operations, {} strikes, hash {:016x}\n", outcome.steps,
             outcome.acked_operations, outcome.strikes.total(), outcome.hash);
  if (outcome.clean()) {
    fmt::print("seed {} clean\n", request.seed);
    return 0;
  }
  fmt::print("seed {} fails: {}\n", request.seed, first_line(outcome));
  return 1;
}

int report_failure(const SimulatedScenario& scenario, const SimArguments& arguments, std::uint64_t seed,
                   const Outcome& failed) {
  RunRequest request = scenario.request(seed);
  request.planted_bug = arguments.planted_bug;
  Shrunk shrunk;
  shrunk.request = request;
  shrunk.outcome = failed;
  if (arguments.shrinks) {
    fmt::print(stderr, "seed {} fails, shrinking it\n", seed);
    shrunk = shrink(request, failed,
                    [&](const RunRequest& smaller) { return run_isolated(scenario, smaller, kPatience); });
    fmt::print("shrunk in {} runs from {} faults to {}:\n{}", shrunk.attempts, request.plan.faults.size(),
               shrunk.request.plan.faults.size(), shrunk.request.plan.to_string());
  }
  for (const std::string& violation : shrunk.outcome.violations) fmt::print("violation: {}\n", violation);
  fmt::print("seed {} fails: {}, replay with {}\n", seed, first_line(shrunk.outcome),
             replay_command(scenario, request, shrunk));
  return 1;
}

int run_seeds(const SimulatedScenario& scenario, const SimArguments& arguments) {
  Tally tally(arguments.seeds);
  std::map<std::uint64_t, Outcome> failures;
  run_many(scenario, {arguments.first, arguments.seeds}, arguments.jobs, arguments.planted_bug, kPatience,
           [&](std::uint64_t seed, const Outcome& outcome) {
             tally.add(outcome);
             if (!outcome.clean()) failures.emplace(seed, outcome);
             return failures.empty();
           });
  tally.report();
  if (!failures.empty()) {
    return report_failure(scenario, arguments, failures.begin()->first, failures.begin()->second);
  }
  fmt::print("{} seeds clean\n", tally.seeds());
  return 0;
}

int refuse(std::string_view why) {
  fmt::print(stderr, "ottla-sim: {}\n{}", why, SimArguments::usage());
  return 2;
}

}  // namespace

int run_sim_program(const Scenarios& scenarios, const std::vector<std::string>& words) {
  const Result<SimArguments> arguments = SimArguments::parse(words);
  if (!arguments.ok()) return refuse(arguments.error().text());
  if (arguments->help) {
    fmt::print("{}", SimArguments::usage());
    return 0;
  }
  if (arguments->list) {
    list(scenarios);
    return 0;
  }
  const auto found = std::ranges::find_if(scenarios, [&](const SimulatedScenario* scenario) {
    return arguments->world.empty() || scenario->name() == arguments->world;
  });
  if (found == scenarios.end()) return refuse("there is no world '" + arguments->world + "', see --list");
  const auto bugs = (*found)->bugs();
  if (!arguments->planted_bug.empty() && std::ranges::find(bugs, arguments->planted_bug) == bugs.end()) {
    return refuse("there is no bug '" + arguments->planted_bug + "' to plant, see --list");
  }
  sim::WorldOptions probe;
  for (const std::string& name : arguments->calmed) {
    if (!calm(probe, name)) return refuse("there is nothing like '" + name + "' to calm");
  }
  return arguments->seed ? replay(**found, *arguments) : run_seeds(**found, *arguments);
}

}  // namespace ottla::testing
