#include "server/controller_registrar.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/arena.h"
#include "base/budget.h"
#include "base/error.h"
#include "metadata/metadata_version.h"
#include "protocol/messages/controller_registration.h"
#include "runtime/clock.h"
#include "runtime/sleep.h"

namespace ottla::server {
namespace {

using protocol::ControllerRegistrationRequest;
using protocol::ControllerRegistrationResponse;

constexpr std::size_t kMostReplyMemory = std::size_t{1} << 20;
constexpr Duration kFirstPause = std::chrono::milliseconds(100);
constexpr Duration kLongestPause = std::chrono::seconds(10);
constexpr Duration kPatience = std::chrono::seconds(60);

}  // namespace

void ControllerRegistrar::see(const metadata::MetadataImage& image) {
  const auto& version = image.features.metadata_version;
  const metadata::ControllerRegistration* known = image.cluster.controller(options_.id);
  due_ = version && metadata::has_controller_registration(*version) &&
         (known == nullptr || known->incarnation_id != options_.incarnation);
  if (due_) changed_.set();
}

Task<void> ControllerRegistrar::run(Cancel cancel) {
  Duration pause = kFirstPause;
  while ((co_await changed_.wait(cancel)).ok()) {
    changed_.reset();
    if (!due_) continue;
    const Result<void> sent = co_await send(cancel);
    if (sent.ok()) {
      due_ = false;
      pause = kFirstPause;
      continue;
    }
    if (sent.error() == Errc::cancelled || sent.error() == Errc::closed) co_return;
    log_.info("cannot register this controller", field("reason", sent.error()));
    if (!(co_await sleep_for(pause, cancel)).ok()) co_return;
    pause = std::min(pause * 2, kLongestPause);
    changed_.set();
  }
}

Task<Result<void>> ControllerRegistrar::send(Cancel cancel) {
  std::vector<ControllerRegistrationRequest::Listener> listeners;
  for (const metadata::Listener& each : options_.listeners) {
    listeners.push_back({.name = each.name,
                         .host = each.host,
                         .port = each.port,
                         .security_protocol = static_cast<std::int16_t>(each.protocol)});
  }
  std::vector<ControllerRegistrationRequest::Feature> features;
  for (const metadata::SupportedFeature& each : options_.features) {
    features.push_back(
        {.name = each.name, .min_supported_version = each.least, .max_supported_version = each.most});
  }
  const ControllerRegistrationRequest request = {.controller_id = options_.id.raw(),
                                                 .incarnation_id = options_.incarnation,
                                                 .listeners = listeners,
                                                 .features = features};
  OTTLA_CO_TRY(const rpc::Reply reply, co_await link_.call(Asking(request), kPatience, cancel));
  Budget budget("controller registration", kMostReplyMemory);
  Arena arena(budget);
  ControllerRegistrationResponse response;
  OTTLA_CO_CHECK(reply.read(arena, response));
  if (response.error_code != 0) {
    co_return Error(Errc::unsupported, fmt::format("the controller answered {}: {}", response.error_code,
                                                   response.error_message.value_or("")));
  }
  co_return Result<void>();
}

}  // namespace ottla::server
