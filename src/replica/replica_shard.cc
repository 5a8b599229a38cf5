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
  options.moves = {.announce = [this](PartitionKey key,
                                      std::string directory) { return announce(key, std::move(directory)); },
                   .on_moved =
                       [this](const PartitionKey&, const std::string& from, const std::string&) {
                         if (tasks_.open()) tasks_.spawn(count(from, -1));
                       },
                   .on_cancelled =
                       [this](const PartitionKey&, const std::string& directory) {
                         if (tasks_.open()) tasks_.spawn(count(directory, -1));
                       },
                   .logger = options.logger};
  return options;
}

Task<void> ReplicaShard::count(std::string directory, std::ptrdiff_t more) {
  co_await on(neighbours_.first, [&directories = neighbours_.directories, directory, more] {
    directories.count(directory, more);
  });
}

Task<Result<void>> ReplicaShard::announce(PartitionKey key, std::string directory) {
  co_return co_await on(neighbours_.first,
                        [&neighbours = neighbours_, key, directory]() -> Task<Result<void>> {
                          const auto* const found = neighbours.directories.find(directory);
                          if (found == nullptr) co_return Error(Errc::not_found, directory);
                          co_return co_await neighbours.events.announce(key, found->id);
                        });
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
