#include "controller/reassignment.h"

#include <algorithm>

namespace ottla::controller {
namespace {

using metadata::BrokerIds;
using metadata::contains;

std::vector<std::int32_t> without(BrokerIds brokers, BrokerIds others) {
  std::vector<std::int32_t> rest;
  std::ranges::copy_if(brokers, std::back_inserter(rest),
                       [others](std::int32_t each) { return !contains(others, each); });
  return rest;
}

std::vector<std::int32_t> sorted_without(BrokerIds brokers, BrokerIds others) {
  std::vector<std::int32_t> rest = without(brokers, others);
  std::ranges::sort(rest);
  return rest;
}

bool contains_all(BrokerIds brokers, BrokerIds others) {
  return std::ranges::all_of(others, [brokers](std::int32_t each) { return contains(brokers, each); });
}

}  // namespace

Reassignment Reassignment::between(BrokerIds current, BrokerIds target) {
  Reassignment made;
  made.removing = sorted_without(current, target);
  made.adding = sorted_without(target, current);
  made.replicas.assign(target.begin(), target.end());
  made.replicas.insert(made.replicas.end(), made.removing.begin(), made.removing.end());
  return made;
}

std::optional<CompletedReassignment> completed(const Reassignment& reassignment, BrokerIds isr) {
  if (reassignment.removing.empty() && reassignment.adding.empty()) return std::nullopt;
  CompletedReassignment done{.replicas = without(reassignment.replicas, reassignment.removing),
                             .isr = without(isr, reassignment.removing)};
  if (!reassignment.removing.empty() && (done.isr.empty() || done.replicas.empty())) return std::nullopt;
  if (!contains_all(done.isr, reassignment.adding)) return std::nullopt;
  // A partition with fewer replicas than before needs all of them in sync.
  if (reassignment.adding.size() < reassignment.removing.size() && !contains_all(done.isr, done.replicas)) {
    return std::nullopt;
  }
  return done;
}

std::optional<RevertedReassignment> reverted(const metadata::Partition& partition) {
  RevertedReassignment before{.replicas = without(partition.replicas(), partition.adding_replicas()),
                              .isr = without(partition.isr(), partition.adding_replicas()),
                              .unclean = false};
  if (!before.isr.empty()) return before;
  if (before.replicas.empty()) return std::nullopt;
  before.isr.push_back(before.replicas.front());
  before.unclean = true;
  return before;
}

}  // namespace ottla::controller
