#include "server/observation/elections.h"

#include "base/metric_family.h"
#include "metadata/partition.h"

namespace ottla::server {
namespace {

// Under the reference's names.
constexpr CounterFamily kUnclean("kafka_controller_controllerstats_uncleanleaderelections", "elections",
                                 "Leaders that were elected though they were not in sync");
constexpr CounterFamily kFromEligible("kafka_controller_controllerstats_electionfromeligibleleaderreplicas",
                                      "elections", "Leaders that were elected from the eligible replicas");

}  // namespace

Elections::Elections(MetricRegistry& registry)
    : unclean_(registry.counter(kUnclean)), from_eligible_(registry.counter(kFromEligible)) {}

void Elections::note(const metadata::MetadataDelta& delta) {
  for (const metadata::TopicChange& topic : delta.topics) {
    for (const metadata::PartitionChange& each : topic.partitions) {
      if (!each.created() && !each.gone()) note(*each.before, *each.after);
    }
  }
}

void Elections::note(const metadata::Partition& before, const metadata::Partition& after) {
  if (!after.has_leader() || after.leader() == before.leader()) return;
  if (after.leader_recovery() == metadata::LeaderRecovery::recovering) unclean_->increment();
  if (metadata::contains(before.elr(), after.leader())) from_eligible_->increment();
}

}  // namespace ottla::server
