// Brokers that replicate one partition, a controller that says who leads it, and everything between them that can be
// late or lost: a model around LeaderCore, driven by random numbers and judged after each step.
//
// A log is a list of epochs and values, a fetch is one step, and a crash loses nothing but the process. What is judged
// are D1 and D8 to D13 of the invariants of data: no acknowledged record is lost, watermarks never go back or run ahead
// of who is in sync, nothing committed is cut off, no epoch has two writers.
//
// Use:         ClusterOfOnePartition cluster(seed, Plant::none);  cluster.run(2000);  cluster.violation()
// Concurrency: none.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metadata/partition.h"
#include "replica/leader_core.h"
#include "runtime/random.h"

namespace ottla::replica::testing {

// Bugs in what surrounds the core, which the judge has to find.
enum class Plant : std::uint8_t {
  none,
  boast_of_offsets,    // followers are taken to have what they were only sent
  join_anybody,        // fenced brokers and those of old epochs may join
  ignore_minimum,      // min.insync.replicas is not told to the leader
  forget_epoch_start,  // an epoch is taken to begin where the log does
  keep_diverging,      // followers cut nothing off
  believe_refusals,    // an answer that was lost counts as a refusal
  mix_up_answers,      // an old answer is taken for that of the latest question
  start_over,          // whatever the metadata say, a leader begins anew and forgets what it asked for
};
struct NamedPlant {
  std::string_view name;
  Plant plant;
};
inline constexpr std::array<NamedPlant, 8> kPlants = {{
    {"boast_of_offsets", Plant::boast_of_offsets},
    {"join_anybody", Plant::join_anybody},
    {"ignore_minimum", Plant::ignore_minimum},
    {"forget_epoch_start", Plant::forget_epoch_start},
    {"keep_diverging", Plant::keep_diverging},
    {"believe_refusals", Plant::believe_refusals},
    {"mix_up_answers", Plant::mix_up_answers},
    {"start_over", Plant::start_over},
}};

class ClusterOfOnePartition {
 public:
  ClusterOfOnePartition(std::uint64_t seed, Plant plant);

  // Until so many steps were taken, or something is wrong.
  void run(int steps);
  // Empty, or what is wrong.
  const std::string& violation() const { return violation_; }
  std::size_t acknowledged() const { return acked_.size(); }

 private:
  static constexpr std::size_t kReplicas = 3;

  struct Entry {
    std::int32_t epoch;
    std::int64_t value;
    friend bool operator==(const Entry&, const Entry&) = default;
  };
  struct Broker {
    NodeId id;
    bool up = true;
    std::int64_t epoch = 1;  // of the process
    std::vector<Entry> log;
    std::size_t high_watermark = 0;
    std::optional<LeaderCore> core = {};    // while it leads
    metadata::PartitionRef known = {};      // of the metadata
    std::vector<std::size_t> waiting = {};  // ends of what is to be acknowledged
    std::uint64_t asked = 0;                // its latest question
  };
  struct Registration {
    std::int64_t epoch = 1;
    bool fenced = false;
  };
  // What a broker knows of the others: the truth, since a stale view only makes it ask in vain.
  class View final : public Brokers {
   public:
    explicit View(const ClusterOfOnePartition& cluster) : cluster_(cluster) {}
    Facts facts_of(NodeId broker) const override;

   private:
    const ClusterOfOnePartition& cluster_;
  };
  struct Question {
    NodeId from;
    IsrProposal proposal;
  };
  struct Answer {
    NodeId to;
    std::uint64_t number = 0;
    protocol::ErrorCode error = protocol::ErrorCode::none;
    AlteredPartition altered = {};
  };

  // What can happen.
  void step();
  void append(Broker& leader);
  void fetch(Broker& follower);
  void learn(Broker& broker);
  void look_for_laggards(Broker& leader);
  void answer_question();
  void deliver_answer();
  void crash(Broker& broker);
  void start(Broker& broker);
  void notice(Broker& broker);  // the controller does, that it is down, or up again

  // Parts of it.
  static bool is_led_by(const Broker& leader, const Broker& follower);
  std::size_t common_end(const Broker& leader, const Broker& follower) const;
  void cut(Broker& follower, std::size_t end);
  void note_fetch(Broker& leader, const Broker& follower);
  void ask(Broker& leader, IsrProposal proposal);
  void progress(Broker& leader);
  void acknowledge(Broker& leader);
  Answer decide(const Question& question);
  void change(const std::vector<std::int32_t>& isr, std::int32_t leader);
  void fence(Broker& broker);
  void elect();

  void judge();
  void violate(std::string what);

  const metadata::Partition& truth() const { return *states_.back(); }
  Broker& any() { return brokers_[random_.below(kReplicas)]; }
  Broker& broker(NodeId id) { return brokers_[static_cast<std::size_t>(id.raw())]; }
  Registration& registration(NodeId id) { return registered_[static_cast<std::size_t>(id.raw())]; }
  LeaderRules rules() const;

  Random random_;
  const Plant plant_;
  const std::size_t min_isr_;
  std::int64_t now_ms_ = 1'000'000;
  std::int64_t values_ = 0;
  std::array<Broker, kReplicas> brokers_;
  std::array<Registration, kReplicas> registered_;  // with the controller
  std::vector<metadata::PartitionRef> states_;      // all that were in force
  std::deque<Question> questions_;
  std::vector<Answer> answers_;
  std::map<std::size_t, Entry> acked_;      // by offset
  std::map<std::int32_t, NodeId> writers_;  // by epoch
  std::string violation_;
};

}  // namespace ottla::replica::testing
