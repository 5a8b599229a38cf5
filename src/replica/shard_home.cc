#include "replica/shard_home.h"

#include <utility>

#include "runtime/cross_shard.h"

namespace ottla::replica {

Task<Result<void>> ShardHome::lower_checkpoints(std::string directory, TopicPartition partition,
                                                Offset offset) {
  co_return co_await on(first_, [&home = home_, directory, partition, offset] {
    return home.lower_checkpoints(directory, partition, offset);
  });
}

Task<Result<void>> ShardHome::forget_checkpoints(std::string directory, TopicPartition partition) {
  co_return co_await on(first_, [&home = home_, directory, partition] {
    return home.forget_checkpoints(directory, partition);
  });
}

Task<Result<void>> ShardHome::save_checkpoint(std::string log_directory, TopicPartition partition,
                                              std::optional<Offset> offset) {
  co_return co_await on(first_, [&home = home_, log_directory, partition, offset] {
    return home.save_checkpoint(log_directory, partition, offset);
  });
}

void ShardHome::disk_failed(const std::string& log_directory, const Error& error) {
  if (tasks_.open()) tasks_.spawn(tell(log_directory, error));
}

Task<void> ShardHome::tell(std::string directory, Error error) {
  co_await on(first_, [&home = home_, directory, error] { home.disk_failed(directory, error); });
}

}  // namespace ottla::replica
