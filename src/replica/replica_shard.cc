#include "replica/replica_shard.h"

#include "runtime/cross_shard.h"

namespace ottla::replica {

ReplicaShard::ReplicaShard(ReplicaSet::Options options, const Neighbours& neighbours)
    : neighbours_(neighbours), home_(neighbours.first, neighbours.home), set_(complete(std::move(options))) {}

ReplicaSet::Options ReplicaShard::complete(ReplicaSet::Options options) {
  options.home = &home_;
  options.logger = this_shard().log().logger(neighbours_.module);
  options.ask_controller = [this](const PartitionKey& key, IsrProposal proposal) {
    if (tasks_.open()) tasks_.spawn(ask(key, std::move(proposal)));
  };
  return options;
}

Task<void> ReplicaShard::ask(PartitionKey key, IsrProposal proposal) {
  co_await on(neighbours_.first, [&requests = neighbours_.isr_requests, key, proposal]() mutable {
    requests.ask(key, std::move(proposal));
  });
}

Task<void> ReplicaShard::live(ReplicaSet::Options options, Neighbours neighbours,
                              std::function<Task<void>(ReplicaShard&)> arrived) {
  ReplicaShard shard(std::move(options), neighbours);
  co_await arrived(shard);
  co_await shard.left_.wait();
  co_await shard.tasks_.wait();
  co_await shard.home_.close();
}

}  // namespace ottla::replica
