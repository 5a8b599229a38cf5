#include "test/node/admin/admin_judge.h"

#include <fmt/format.h>

#include <memory>
#include <string_view>

#include "metadata/image_hash.h"
#include "test/node/admin/things.h"

namespace ottla::server {

void AdminJudge::look(std::uint64_t life, const metadata::SharedImage& image) {
  if (image == nullptr || image == last_) return;
  ++images_;
  if (last_ == nullptr) {
    for (const std::string_view name : {"share.version", "streams.version", "transaction.version"}) {
      const std::string thing = "feature:" + std::string(name);
      ledger_.know(thing, state_in(*image, thing));
    }
    last_ = std::make_shared<const metadata::MetadataImage>();
  }
  const metadata::Provenance& before = last_->provenance;
  const metadata::Provenance& now = image->provenance;
  if (now.offset < before.offset || now.epoch < before.epoch) {
    accuse_(fmt::format("K5: the node tells {} of epoch {} after {} of epoch {}", now.offset.raw(),
                        now.epoch.raw(), before.offset.raw(), before.epoch.raw()));
  }
  // A node that serves has committed something in an epoch of its own.
  if (const auto [known, is_new] = epochs_.emplace(now.epoch, life); known->second != life) {
    accuse_(now.offset > before.offset
                ? fmt::format("K1: the node leads in epoch {} in its lives {} and {}", now.epoch.raw(),
                              known->second, life)
                : fmt::format("K3: the node tells {} in its life {}, and has committed nothing in it",
                              now.offset.raw(), life));
  }
  const std::uint64_t hash = metadata::image_hash(*image);
  if (const auto [known, is_new] = hashes_.emplace(now.offset, hash); !is_new && known->second != hash) {
    accuse_(fmt::format("K5: the node tells something else at {} than it told before", now.offset.raw()));
  }
  if (std::string broken = metadata::broken_invariant(*image); !broken.empty()) accuse_("image: " + broken);
  if (std::string broken = cluster_.judge(*last_, *image); !broken.empty()) accuse_("cluster: " + broken);
  ledger_.observe_all([&image](const std::string& thing) { return state_in(*image, thing); });
  last_ = image;
}

void AdminJudge::life_ended() {
  ledger_.life_ended();
}

void AdminJudge::producer_id(std::int64_t id) {
  if (!producer_ids_.insert(id).second) accuse_(fmt::format("T6: producer id {} is given twice", id));
}

std::multiset<std::string> AdminJudge::partitions() const {
  std::multiset<std::string> all;
  if (last_ == nullptr) return all;
  for (const auto& [id, topic] : last_->topics.by_id) {
    for (const auto& [index, partition] : topic.partitions)
      all.insert(fmt::format("{}-{}", topic.name, index.raw()));
  }
  return all;
}

}  // namespace ottla::server
