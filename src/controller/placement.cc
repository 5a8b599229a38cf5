#include "controller/placement.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/invariant.h"

namespace ottla::controller {
namespace {

template <typename T>
void shuffle_all(std::vector<T>& elements, Random& random) {
  for (std::size_t i = elements.size(); i > 1; --i) std::swap(elements[i - 1], elements[random.below(i)]);
}

}  // namespace

std::vector<UsableBroker> usable_brokers(const metadata::MetadataImage& image) {
  std::vector<UsableBroker> usable;
  for (const auto& [id, broker] : image.cluster.brokers) {
    // One that has shut down in order is fenced, and may be back when the replicas are needed.
    const bool leaving = broker->in_controlled_shutdown && !broker->fenced;
    if (leaving || !broker->has_uncordoned_directory()) continue;
    usable.push_back({.id = id.raw(), .rack = broker->rack, .fenced = broker->fenced});
  }
  return usable;
}

void Placer::Ring::start(Random& random) {
  std::ranges::sort(brokers_);
  if (!brokers_.empty()) offset_ = random.below(brokers_.size());
}

void Placer::Ring::shuffle(Random& random) {
  shuffle_all(brokers_, random);
}

std::optional<std::int32_t> Placer::Ring::next(std::uint64_t partition) {
  if (brokers_.empty()) return std::nullopt;
  if (partition_ != partition) {
    partition_ = partition;
    taken_ = 0;
    offset_ = (offset_ + 1) % brokers_.size();
  }
  if (taken_ >= brokers_.size()) return std::nullopt;
  return brokers_[(taken_++ + offset_) % brokers_.size()];
}

std::optional<std::int32_t> Placer::Rack::next(std::uint64_t partition) {
  const std::optional<std::int32_t> broker = unfenced.next(partition);
  return broker ? broker : fenced.next(partition);
}

Placer::Placer(const std::vector<UsableBroker>& brokers, Random& random)
    : random_(random), brokers_(brokers.size()) {
  for (const UsableBroker& broker : brokers) {
    auto rack = std::ranges::find(racks_, broker.rack, &Rack::name);
    if (rack == racks_.end())
      rack = racks_.insert(racks_.end(), Rack{.name = broker.rack, .fenced = {}, .unfenced = {}});
    (broker.fenced ? rack->fenced : rack->unfenced).add(broker.id);
    if (!broker.fenced) ++unfenced_;
  }
  // Brokers without a rack come first.
  std::ranges::sort(racks_, {}, &Rack::name);
  for (Rack& rack : racks_) {
    rack.fenced.start(random_);
    rack.unfenced.start(random_);
  }
  if (!racks_.empty()) offset_ = random_.below(racks_.size());
}

ApiError Placer::check(std::int32_t replicas) const {
  if (replicas <= 0) {
    return {ErrorCode::invalid_replication_factor,
            fmt::format("Invalid replication factor {}: the replication factor must be positive.", replicas)};
  }
  if (unfenced_ == 0) {
    return {ErrorCode::invalid_replication_factor,
            "All brokers are currently fenced, or have all their log directories cordoned."};
  }
  if (std::cmp_greater(replicas, brokers_)) {
    return {ErrorCode::invalid_replication_factor,
            fmt::format("The target replication factor of {} cannot be reached because only {} broker(s) are "
                        "registered or some brokers have all their log directories cordoned.",
                        replicas, brokers_)};
  }
  return {};
}

void Placer::shuffle() {
  shuffle_all(racks_, random_);
  for (Rack& rack : racks_) {
    rack.fenced.shuffle(random_);
    rack.unfenced.shuffle(random_);
  }
}

std::vector<std::int32_t> Placer::next(std::int32_t replicas) {
  OTTLA_INVARIANT(check(replicas).ok(), "replicas are placed where there is no room", replicas, brokers_);
  // All combinations of this order have been used.
  if (partition_ == unfenced_ && unfenced_ > 1) {
    shuffle();
    partition_ = 0;
  }
  if (offset_ >= racks_.size()) offset_ = 0;
  std::vector<std::int32_t> placed;
  std::size_t first_rack = offset_;
  for (;; first_rack = (first_rack + 1) % racks_.size()) {
    if (const auto leader = racks_[first_rack].unfenced.next(partition_)) {
      placed.push_back(*leader);
      break;
    }
  }
  // In the first round the leader's rack has had its replica.
  bool leader_counted = false;
  for (std::size_t rack = offset_; std::cmp_less(placed.size(), replicas);
       rack = (rack + 1) % racks_.size()) {
    if (rack == first_rack && !leader_counted) {
      leader_counted = true;
    } else if (const auto broker = racks_[rack].next(partition_)) {
      placed.push_back(*broker);
    }
  }
  ++partition_;
  ++offset_;
  return placed;
}

}  // namespace ottla::controller
