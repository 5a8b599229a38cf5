#include "controller/api_table.h"

#include <algorithm>
#include <array>

#include "controller/brokers.h"

namespace ottla::controller {
namespace {

using protocol::ApiKey;

constexpr std::array kApis = {
    controller_api<unregister_broker,
                   refuse_whole<protocol::UnregisterBrokerRequest, protocol::UnregisterBrokerResponse>>(
        ApiKey::unregister_broker),
};
static_assert(std::ranges::is_sorted(kApis, {}, &ControllerApi::key));

}  // namespace

std::span<const ControllerApi> controller_apis() {
  return kApis;
}

const ControllerApi* find_controller_api(ApiKey key) {
  const auto* const found = std::ranges::lower_bound(kApis, key, {}, &ControllerApi::key);
  return found != kApis.end() && found->key == key ? &*found : nullptr;
}

}  // namespace ottla::controller
