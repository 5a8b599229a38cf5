#include <atomic>
#include <thread>
#include <vector>

#include "bench/runtime/rows.h"
#include "test/kv/scenario.h"

namespace ottla::bench {
namespace {

constexpr std::uint64_t kSeeds = 200;

struct Tally {
  double seeds_a_second = 0;
  double events_a_second = 0;
  double fewest_answers = 1e18;
  double fewest_strikes = 1e18;
};

// Seeds of the replicated store on all cores, one world a thread at a time.
Tally run_seeds() {
  std::atomic<std::uint64_t> next{1};
  std::atomic<std::uint64_t> events{0};
  std::vector<Tally> tallies(std::max(1U, std::thread::hardware_concurrency()));
  std::vector<std::thread> threads;
  const double start = now_ns();
  for (Tally& tally : tallies) {
    threads.emplace_back([&] {
      for (std::uint64_t seed = next++; seed <= kSeeds; seed = next++) {
        const kv::Outcome outcome = kv::run_scenario(kv::scenario_of(seed));
        OTTLA_INVARIANT(outcome.ok(), "a seed of the store failed", seed);
        events += outcome.steps;
        tally.fewest_answers = std::min(tally.fewest_answers, static_cast<double>(outcome.answered));
        tally.fewest_strikes = std::min(tally.fewest_strikes, static_cast<double>(outcome.strikes.total()));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const double seconds = (now_ns() - start) / 1e9;
  Tally all;
  for (const Tally& tally : tallies) {
    all.fewest_answers = std::min(all.fewest_answers, tally.fewest_answers);
    all.fewest_strikes = std::min(all.fewest_strikes, tally.fewest_strikes);
  }
  all.seeds_a_second = kSeeds / seconds;
  all.events_a_second = static_cast<double>(events) / seconds;
  return all;
}

}  // namespace

void simulation_rows(Report& report, int pairs) {
  Row seeds{"simulated store: seeds", "seeds/s", {}, {}, Goal::value_at_least(50), {}};
  Row events{"simulated store: events", "M/s", {}, {}, Goal::value_at_least(1), {}};
  Row answers{
      "simulated store: acked operations a seed, least", "acks", {}, {}, Goal::value_at_least(1000), {}};
  Row strikes{"simulated store: faults a seed, least", "faults", {}, {}, Goal::value_at_least(5), {}};
  for (int i = 0; i < pairs; ++i) {
    const Tally tally = run_seeds();
    seeds.samples.push_back(tally.seeds_a_second);
    events.samples.push_back(tally.events_a_second / 1e6);
    answers.samples.push_back(tally.fewest_answers);
    strikes.samples.push_back(tally.fewest_strikes);
  }
  for (Row* row : {&seeds, &events, &answers, &strikes}) report.add(std::move(*row));
}

}  // namespace ottla::bench
