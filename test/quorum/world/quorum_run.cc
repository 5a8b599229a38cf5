#include "test/quorum/world/quorum_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "metadata/image_hash.h"
#include "sim/fault_injector.h"
#include "sim/world.h"
#include "test/quorum/world/judge.h"
#include "test/quorum/world/member.h"

namespace ottla::quorum {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr char kLastTopic[] = "the-last-one";

class Run {
 public:
  Run(const ottla::testing::RunRequest& request, Plant plant)
      : plan_(request.plan), world_(request.seed, request.options) {
    world_.trace().set_sink(request.trace);
    world_.set_limits(20'000'000, std::chrono::hours(2));
    const Cast cast = cast_of(request.seed);
    for (int node = 1; node <= cast.members; ++node) {
      sim::Host& host = world_.add_host(fmt::format("node{}", node));
      members_.push_back(
          std::make_unique<Member>(Member::Plan{NodeId(node), cast.voters, plant}, judge_, host));
    }
  }

  ottla::testing::Outcome run() {
    std::vector<sim::Host*> hosts;
    for (const auto& member : members_) {
      hosts.push_back(&member->host());
      start(*member);
    }
    {
      sim::FaultInjector injector(world_, hosts, plan_);
      pass(plan_.end() + minutes(1));
      injector.heal();
      healed_ = true;
      if (good()) finish();
    }
    for (sim::Host* host : hosts) {
      if (host->running()) host->kill();
    }
    ottla::testing::Outcome outcome;
    outcome.violations = judge_.findings();
    outcome.violations.insert(outcome.violations.end(), world_.violations().begin(),
                              world_.violations().end());
    outcome.steps = world_.steps();
    outcome.acked_operations = judge_.promises();
    outcome.strikes = world_.strikes();
    outcome.hash = world_.trace().hash();
    return outcome;
  }

 private:
  bool good() const { return judge_.findings().empty() && world_.violations().empty(); }

  void start(Member& member) {
    Member* who = &member;
    member.host().start([who](Process&, Cancel cancel) { return who->live(cancel); });
  }
  // Whose disk failed is started again.
  void pass(Duration duration) {
    const Instant end = world_.now() + duration;
    while (world_.now() < end && good()) {
      world_.run_for(milliseconds(50));
      revive();
    }
  }
  void revive() {
    for (const auto& member : members_) {
      sim::Host& host = member->host();
      // Until the end, who was killed is started again by who killed it.
      if (!host.running() && (healed_ || (host.powered() && host.exit_code()))) host.restart();
    }
  }
  // All is well again: one leads, all hold the same, and nothing that was promised is missing.
  void finish() {
    for (const auto& member : members_) member->finish_with(kLastTopic);
    const auto has_it = [](const std::unique_ptr<Member>& member) {
      return member->host().running() && member->quorum() != nullptr &&
             member->quorum()->loader().image()->topics.find(std::string_view(kLastTopic)) != nullptr;
    };
    const Instant limit = world_.now() + minutes(3);
    while (world_.now() < limit && good() && !std::ranges::all_of(members_, has_it)) pass(milliseconds(50));
    if (!good()) return;
    for (const auto& member : members_) {
      if (has_it(member)) continue;
      judge_.accuse(fmt::format("L1: node {} does not come back ({}); its last end: {}", member->node().raw(),
                                state_of(*member), member->last_failure()));
    }
    if (!good()) return;
    const std::uint64_t hash = metadata::image_hash(*members_.front()->quorum()->loader().image());
    for (const auto& member : members_) {
      const metadata::MetadataImage& image = *member->quorum()->loader().image();
      judge_.check_image(member->node(), image);
      if (metadata::image_hash(image) != hash) {
        judge_.accuse(
            fmt::format("M2: node {} holds another image than the first one", member->node().raw()));
      }
    }
  }

  static std::string state_of(const Member& member) {
    if (!member.host().running()) return "it does not run";
    const MetadataQuorum* quorum = member.quorum();
    if (quorum == nullptr) return "it is on its way up or down";
    return fmt::format("leader {} in epoch {}, log {} to {}, committed {}, told {}", quorum->leader().raw(),
                       quorum->epoch().raw(), quorum->core().log().start().raw(), quorum->log_end().raw(),
                       quorum->high_watermark().raw(), member.told().raw());
  }

  const sim::FaultPlan plan_;
  Judge judge_;
  sim::World world_;
  std::vector<std::unique_ptr<Member>> members_;
  bool healed_ = false;
};

}  // namespace

Cast cast_of(std::uint64_t seed) {
  if (seed % 4 == 0) return {1, 1};
  return seed % 4 == 1 ? Cast{3, 4} : Cast{3, 3};
}

ottla::testing::Outcome run_quorum(const ottla::testing::RunRequest& request, Plant plant) {
  return Run(request, plant).run();
}

}  // namespace ottla::quorum
