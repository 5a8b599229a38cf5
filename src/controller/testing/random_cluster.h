// Several simulated brokers, and people, who ask a controller for random things, good and bad; and what the brokers
// know that the controller must respect.
//
// Use:         RandomCluster random(cluster, {.seed = 7});   for (…) random.step();
// Invariants:  beside those of TestCluster:
//              1. who joined an ISR is the process that its leader meant, not a later one of the same number
//              2. a broker that was killed is neither in sync nor eligible when it comes back (with eligible replicas)
//              3. a broker that was silent for longer than its session is fenced
//              The same seed gives the same requests.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "controller/testing/test_cluster.h"
#include "runtime/random.h"

namespace ottla::controller::testing {

// Bugs that can be planted between the controller and its log, or in the brokers' requests.
enum class Plant : std::uint8_t {
  none,
  forget_leaders,     // a fenced broker's partitions are left as they are
  reuse_ids,          // a topic of the same name has the same id again
  stale_epochs,       // a leader's word counts for later processes, too
  keep_eligible,      // who joins the ISR stays eligible
  end_early,          // a reassignment is over when nobody has come
  repeat_partitions,  // a partition is written as it was first
  trust_the_killed,   // a broker that was killed counts as shut down in order
  never_fence,        // sessions do not end
  any_features,       // features of brokers are not compared
};
inline constexpr Plant kPlants[] = {Plant::forget_leaders,   Plant::reuse_ids,   Plant::stale_epochs,
                                    Plant::keep_eligible,    Plant::end_early,   Plant::repeat_partitions,
                                    Plant::trust_the_killed, Plant::never_fence, Plant::any_features};

struct RandomOptions {
  std::uint64_t seed = 1;
  // Without what the reference does otherwise, by lot, or not at all: replicas that nobody chose, controllers that take
  // over, reassignments that take back whom an earlier one was to add, topics that go while an ISR of theirs is empty,
  // and directories that fail in the same request as something else.
  bool as_the_reference = false;
  Plant plant = Plant::none;
};

class RandomCluster {
 public:
  RandomCluster(TestCluster& cluster, const RandomOptions& options);

  void step();

 private:
  enum class Life : std::uint8_t { stopped, running, leaving };
  // As the broker itself knows it.
  struct Broker {
    std::int32_t id;
    Life life = Life::stopped;
    std::uint64_t incarnation = 0;
    std::int64_t epoch = -1;           // of its registration
    std::int64_t previous_epoch = -1;  // if it shut down in order
    bool killed = false;               // since it was registered last
    Instant last_beat = {};
    std::vector<Uuid> directories;
  };

  void start(Broker& broker);
  void beat(Broker& broker);
  void stop(Broker& broker);
  void pass_time();
  void create();
  void remove();
  void grow();
  void alter_isr();
  void reassign();
  void list();
  void elect();
  void assign_directory();
  void unregister();
  void configure();

  void plant(RecordList& records);
  void check_joined(const metadata::MetadataImage& before, const std::vector<std::int64_t>& told);
  void violate(const std::string& broken);

  std::uint64_t below(std::uint64_t limit) { return random_.below(limit); }
  bool one_in(std::uint32_t count) { return random_.chance(1, count); }
  Broker& any_broker() { return brokers_[below(brokers_.size())]; }
  std::string any_name();
  // Of a topic that there is, mostly; and one of its partitions.
  const metadata::TopicImage* any_topic();
  std::int32_t any_partition(const metadata::TopicImage* topic);
  std::vector<std::int32_t> any_brokers(std::size_t most);
  bool planted(Plant plant) const { return options_.plant == plant; }

  TestCluster& cluster_;
  const RandomOptions options_;
  Random random_;
  std::vector<Broker> brokers_;
};

}  // namespace ottla::controller::testing
