#include "test/node/records/records_run.h"

#include <fmt/format.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "runtime/random.h"
#include "test/node/life/stage.h"
#include "test/node/records/consumer.h"
#include "test/node/records/keeper.h"
#include "test/node/records/producer.h"
#include "test/node/records/records_judge.h"

namespace ottla::server {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// What a seed's node and its clients are like. The keeper is the last client.
struct Cast {
  std::vector<std::string> topics;
  std::size_t producers = 1;
  std::size_t consumers = 1;
  StageTerms terms;
};

Cast cast_of(std::uint64_t seed, const NamedRecordsPlant& plant) {
  Random random(seed ^ 0x64617461);
  Cast cast{.topics = {}, .producers = 1 + random.below(3), .consumers = 1 + random.below(2), .terms = {}};
  for (const TopicKind& kind : topic_kinds()) {
    if (!kind.traits.waiting && random.chance(1, 3)) cast.topics.emplace_back(kind.name);
  }
  if (cast.topics.empty()) cast.topics.emplace_back("strict");
  if (random.chance(1, 6)) cast.topics.emplace_back("lonely");
  cast.terms.clients = cast.producers + cast.consumers + 1;
  cast.terms.shards = 1 + random.below(3);
  cast.terms.broken = plant.broken;
  cast.terms.overrides = {
      "log.retention.check.interval.ms=300",
      "log.initial.task.delay.ms=50",
      "log.cleaner.backoff.ms=200",
      "broker.heartbeat.interval.ms=500",
      "auto.create.topics.enable=false",
      fmt::format("num.recovery.threads.per.data.dir={}", 1 + random.below(3)),
      fmt::format("log.flush.offset.checkpoint.interval.ms={}", random.chance(1, 2) ? 200 : 60000),
      // So few that connections move within a seed's seconds, or that they never do.
      fmt::format("ottla.connection.move.after.requests={}", random.below(4)),
  };
  return cast;
}

class Run {
 public:
  Run(const testing::RunRequest& request, const NamedRecordsPlant& plant)
      : cast_(cast_of(request.seed, plant)),
        plant_(plant.plant),
        random_(request.seed ^ 0x70656f70),
        judge_([this](std::string what) { stage_.accuse(std::move(what)); }),
        stage_(request, cast_.terms),
        phase_(request.plan.end()) {
    stage_.on_death = [this](bool power_lost) {
      if (power_lost) judge_.power_lost();
    };
  }

  testing::Outcome run() {
    stage_.start();
    std::size_t client = 0;
    for (std::size_t index = 0; index < cast_.producers; ++index) start_producer(client++, index);
    for (std::size_t index = 0; index < cast_.consumers; ++index) start_consumer(client++, index);
    start_keeper(client);
    stage_.pass(phase_ + seconds(2));
    stage_.heal();
    if (stage_.good()) finish(client);
    return stage_.outcome(judge_.acknowledged());
  }

 private:
  void start_producer(std::size_t client, std::size_t index) {
    const Producer::Terms terms{.index = index,
                                .plant = plant_,
                                .broker = stage_.address(),
                                .topics = cast_.topics,
                                .idempotent = index == 0 || random_.chance(1, 2),
                                .acks = -1};
    Producer::Terms mine = terms;
    if (!mine.idempotent) mine.acks = static_cast<std::int16_t>(random_.between(-1, 1));
    stage_.start_client(client, [this, mine](Process&, Cancel cancel) -> Task<int> {
      Producer producer(mine, judge_, [this] { return finishes_; });
      co_return co_await producer.run(cancel);
    });
  }
  void start_consumer(std::size_t client, std::size_t index) {
    const Consumer::Terms terms{.index = index,
                                .plant = plant_,
                                .broker = stage_.address(),
                                .topics = cast_.topics,
                                .has_session = random_.chance(2, 3),
                                .read_committed = random_.chance(1, 2)};
    stage_.start_client(client, [this, terms](Process&, Cancel cancel) -> Task<int> {
      Consumer consumer(terms, judge_, [this] { return finishes_; });
      co_return co_await consumer.run(cancel);
    });
  }
  void start_keeper(std::size_t client) {
    const Keeper::Terms terms{.plant = plant_,
                              .broker = stage_.address(),
                              .controller = stage_.address(NodeLife::kControllerPort),
                              .topics = cast_.topics};
    stage_.start_client(client, [this, terms](Process&, Cancel cancel) -> Task<int> {
      Keeper keeper(terms, judge_, [this] { return audits_; });
      co_return co_await keeper.run(cancel);
    });
  }

  // All is well: nobody writes any more, and all is there; also when the node is stopped and started, or dies once more.
  void finish(std::size_t keeper) {
    if (!come_up("after all troubles")) return;
    finishes_ = true;
    if (!wait_for_clients(keeper)) return;
    audits_ = true;
    if (!wait_for_clients(keeper + 1)) return;
    stage_.check_folders();
    if (!stage_.good() || !stage_.stop_node()) return;
    stage_.come_back();
    if (!come_up("after a stop")) return;
    start_keeper(keeper);
    if (wait_for_clients(keeper + 1)) (void)stage_.stop_node();
  }

  bool wait_for_clients(std::size_t count) {
    const bool ended = stage_.pass_until([this, count] { return stage_.clients_ended(count); }, minutes(10));
    if (!ended && stage_.good())
      stage_.accuse("L1: clients do not come to an end; the node: " + stage_.node_state());
    return stage_.good();
  }

  bool come_up(const char* when) {
    const bool up = stage_.pass_until([this] { return stage_.image() != nullptr; }, minutes(3));
    if (!up && stage_.good()) {
      stage_.accuse(fmt::format("L1: the node does not come back {}: {}", when, stage_.node_state()));
    }
    return up;
  }

  const Cast cast_;
  const RecordsPlant plant_;
  Random random_;
  RecordsJudge judge_;
  Stage stage_;
  const Duration phase_;
  bool finishes_ = false;
  bool audits_ = false;
};

}  // namespace

testing::Outcome run_node_with_records(const testing::RunRequest& request, const NamedRecordsPlant& plant) {
  return Run(request, plant).run();
}

}  // namespace ottla::server
