#include "test/quorum/world/judge.h"

#include <fmt/format.h>

#include <utility>

#include "base/crc32c.h"

namespace ottla::quorum {
namespace {

constexpr std::size_t kMostFindings = 10;

std::uint64_t hash_of(const metadata::CommittedBatch& batch) {
  std::uint64_t hash = batch.records.size();
  for (const metadata::RecordBytes record : batch.records) hash = hash * 0x9e3779b97f4a7c15 + crc32c(record);
  return hash;
}

Offset end_of(const metadata::CommittedBatch& batch) {
  return batch.last.value_or(batch.base_offset + (static_cast<std::int64_t>(batch.records.size()) - 1));
}

}  // namespace

void Judge::accuse(std::string what) {
  if (findings_.size() < kMostFindings) findings_.push_back(std::move(what));
}

void Judge::leads(NodeId node, LeaderEpoch epoch) {
  const auto [known, is_new] = leaders_.emplace(epoch, node);
  if (!is_new && known->second != node) {
    accuse(fmt::format("K1: {} and {} lead in epoch {}", known->second.raw(), node.raw(), epoch.raw()));
  }
}

void Judge::told(NodeId node, const metadata::CommittedBatch& batch) {
  const Told told{batch.epoch, end_of(batch), hash_of(batch)};
  const auto [known, is_new] = batches_.emplace(batch.base_offset, told);
  const Told& before = known->second;
  if (!is_new && (before.epoch != told.epoch || before.last != told.last || before.hash != told.hash)) {
    accuse(fmt::format("K3: node {} is told of another batch at {} than was told before (epochs {} and {})",
                       node.raw(), batch.base_offset.raw(), told.epoch.raw(), before.epoch.raw()));
  }
}

void Judge::check_image(NodeId node, const metadata::MetadataImage& image) {
  for (const std::string& topic : promised_) {
    if (image.topics.find(std::string_view(topic)) == nullptr) {
      accuse(fmt::format("M1: topic {} was promised and is not there on node {}", topic, node.raw()));
    }
  }
}

}  // namespace ottla::quorum
