// Brings what was committed to all shards of a node: the image, the settings that follow from it, and quotas.
//
// An answer that leaves the first shard after a publication reaches other shards after it, too: a client that was told
// that its topic was made finds it there.
//
// Use:         loader.add(publisher);  …  co_await publisher.stop();   before the shards' servers end
// Lifetime:    what it is given outlives it.
// Concurrency: confined to the first shard.
// Invariants:  each shard sees images in their order
#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "base/log.h"
#include "metadata/loader.h"
#include "runtime/task.h"
#include "runtime/task_group.h"
#include "server/node_settings.h"
#include "server/quotas/client_quotas.h"
#include "server/quotas/quota_door.h"
#include "server/settings_source.h"
#include "server/shard_servers.h"

namespace ottla::server {

class ImagePublisher final : public metadata::Publisher {
 public:
  struct Targets {
    ShardServers& shards;
    SettingsSource& settings;
    std::vector<ClientQuotas*> quotas;
    // Called after the first shard has the image; settings are null when they did not change.
    std::function<void(const metadata::Publication&, const SharedSettings&)> also;
    // The quorum's, beside the image.
    std::function<std::int16_t()> kraft_version;
  };
  explicit ImagePublisher(Targets targets) : targets_(std::move(targets)) {}

  void publish(const metadata::Publication& publication) override;
  Task<void> stop() { return sending_.wait(); }

 private:
  struct News {
    metadata::SharedImage image;
    SharedSettings settings;
    std::int16_t kraft_version = 0;
    QuotaDoor::Kinds kinds{};
    bool quotas_changed = false;
  };
  static void apply(ShardServer& server, const News& news);

  const Targets targets_;
  TaskGroup sending_;
};

}  // namespace ottla::server
