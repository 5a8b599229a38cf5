#include "test/node/life/absent_member.h"

#include <array>
#include <chrono>
#include <vector>

#include "base/uuid.h"
#include "metadata/feature.h"
#include "protocol/messages/broker_registration.h"
#include "runtime/shard.h"
#include "server/features.h"
#include "test/node/life/node_life.h"

namespace ottla::server {

Task<std::optional<std::int16_t>> register_absent_member(Line& controller, Cancel cancel) {
  using protocol::BrokerRegistrationRequest;
  const std::vector<metadata::SupportedFeature> all = supported_features(false);
  std::vector<BrokerRegistrationRequest::Feature> features;
  for (const metadata::SupportedFeature& each : all) {
    features.push_back(
        {.name = each.name, .min_supported_version = each.least, .max_supported_version = each.most});
  }
  const BrokerRegistrationRequest::Listener listener{.name = "PLAINTEXT", .host = "nowhere", .port = 9092};
  const std::array<Uuid, 1> directories = {Uuid(7, 7)};
  const BrokerRegistrationRequest request{
      .broker_id = kAbsentMember,
      .cluster_id = NodeLife::kClusterId,
      .incarnation_id = Uuid(this_shard().random().next(), 7),
      .listeners = protocol::Array<BrokerRegistrationRequest::Listener>(&listener, 1),
      .features = features,
      .rack = nullptr,
      .log_dirs = directories};
  controller.forget();
  const auto reply = co_await controller.ask({request, 4}, std::chrono::seconds(2), cancel);
  protocol::BrokerRegistrationResponse response;
  if (!reply.ok() || !controller.read(*reply, response)) co_return std::nullopt;
  co_return response.error_code;
}

}  // namespace ottla::server
