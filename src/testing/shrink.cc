#include "testing/shrink.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace ottla::testing {

const std::vector<std::string>& calmable_options() {
  static const std::vector<std::string> names = {"short-reads", "split-sends", "latency-tails"};
  return names;
}

bool calm(sim::WorldOptions& options, std::string_view name) {
  if (name == "short-reads") {
    options.network.short_reads = 0;
  } else if (name == "split-sends") {
    options.network.split_sends = 0;
  } else if (name == "latency-tails") {
    for (sim::Latency* latency :
         {&options.network.link, &options.disk.read, &options.disk.write, &options.disk.sync}) {
      latency->tail_per_million = 0;
    }
  } else {
    return false;
  }
  return true;
}

Shrunk shrink(RunRequest request, Outcome failed, const std::function<Outcome(const RunRequest&)>& attempt) {
  Shrunk best;
  best.request = std::move(request);
  best.outcome = std::move(failed);
  std::vector<std::size_t> kept(best.request.plan.faults.size());
  std::iota(kept.begin(), kept.end(), std::size_t{0});
  const auto try_smaller = [&](RunRequest smaller) {
    ++best.attempts;
    Outcome outcome = attempt(smaller);
    if (outcome.clean()) return false;
    best.request = std::move(smaller);
    best.outcome = std::move(outcome);
    return true;
  };
  for (bool smaller = true; smaller;) {
    smaller = false;
    for (std::size_t i = kept.size(); i-- > 0;) {
      RunRequest without = best.request;
      without.plan = best.request.plan.without(i);
      if (!try_smaller(std::move(without))) continue;
      best.left_out.push_back(kept[i]);
      kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(i));
      smaller = true;
    }
  }
  for (const std::string& name : calmable_options()) {
    RunRequest calmer = best.request;
    calm(calmer.options, name);
    if (try_smaller(std::move(calmer))) best.calmed.push_back(name);
  }
  std::ranges::sort(best.left_out);
  return best;
}

}  // namespace ottla::testing
