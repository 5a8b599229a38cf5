#include "bench/storage/node.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "base/exclusive_bytes.h"
#include "base/leader_epoch.h"
#include "bench/measure.h"
#include "record/batch_layout.h"
#include "runtime/shard.h"

namespace ottla::bench {
Node::Node(storage::LogConfig config)
    : config_(std::make_shared<const storage::LogConfig>(std::move(config))),
      box_(this_shard().files(), {}) {}

storage::LogOpening Node::opening(std::string directory) {
  return {.directory = std::move(directory),
          .partition = "bench-0",
          .config = config_,
          .tools = tools(),
          .log_start = Offset(0),
          .recovery_point = Offset(0),
          .clean_shutdown = true};
}

Task<void> Node::open(const std::string& directory, int count) {
  for (int i = 0; i < count; ++i) {
    logs_.push_back(
        (co_await storage::Log::open(opening(directory + "/bench-" + std::to_string(i)))).value());
  }
}

Task<void> Node::close() {
  for (const auto& log : logs_) (co_await log->close()).value();
  logs_.clear();
  co_await box_.close();
}

Frames::Frames(Slice batch, std::size_t count) : batch_(std::move(batch)) {
  for (std::size_t i = 0; i < count; ++i) frames_.push_back(Slice::copy_of(batch_.as_span()));
}

Slice Frames::next() {
  const Slice& frame = frames_[at_++ % frames_.size()];
  ExclusiveBytes bytes(frame);
  std::copy_n(batch_.data(), record::kRecordsAt, bytes.span().data());
  return frame;
}

Task<void> append(storage::Log& log, Slice frame) {
  const storage::AppendOutcome outcome =
      co_await log.append_as_leader(ExclusiveBytes(std::move(frame)), LeaderEpoch(0));
  if (outcome.rejection() != nullptr)
    throw std::runtime_error("an append was refused: " + outcome.rejection()->message);
  if (outcome.error() != nullptr)
    throw std::runtime_error("an append failed: " + outcome.error()->to_string());
}

}  // namespace ottla::bench
