#include "server/image_publisher.h"

#include <cstddef>

#include "runtime/cross_shard.h"
#include "runtime/shard.h"

namespace ottla::server {

void ImagePublisher::publish(const metadata::Publication& publication) {
  const metadata::MetadataDelta& delta = publication.delta;
  News news{.image = publication.image(), .settings = nullptr, .kraft_version = targets_.kraft_version()};
  if (targets_.settings.concerned_by(delta)) news.settings = targets_.settings.follow(*news.image);
  if (!delta.client_quotas.empty()) {
    news.quotas_changed = true;
    for (ClientQuotas* quotas : targets_.quotas) quotas->set_quotas(news.image->client_quotas);
    for (std::size_t kind = 0; kind < kQuotaKinds && !targets_.quotas.empty(); ++kind) {
      news.kinds[kind] = targets_.quotas.front()->any(static_cast<QuotaKind>(kind));
    }
  }
  for (const ShardServers::One& each : targets_.shards.all()) {
    ShardServer* server = each.server.get();
    if (each.shard == &this_shard()) {
      apply(*server, news);
      continue;
    }
    sending_.spawn([shard = each.shard, server, news](Cancel) -> Task<void> {
      co_await on(*shard, [server, news] { apply(*server, news); });
    });
  }
  if (targets_.also) targets_.also(publication, news.settings);
}

void ImagePublisher::apply(ShardServer& server, const News& news) {
  NodeView& view = server.view();
  view.image = news.image;
  view.kraft_version = news.kraft_version;
  if (news.settings) view.settings = news.settings;
  if (!news.quotas_changed) return;
  for (QuotaDoor* door : {view.broker_quotas, view.controller_quotas}) {
    if (door != nullptr) door->set_kinds(news.kinds);
  }
}

}  // namespace ottla::server
