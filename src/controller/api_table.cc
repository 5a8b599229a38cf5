#include "controller/api_table.h"

#include <algorithm>
#include <array>

#include "controller/acls.h"
#include "controller/brokers.h"
#include "controller/configs.h"
#include "controller/delegation_tokens.h"
#include "controller/features.h"
#include "controller/heartbeats.h"
#include "controller/leadership.h"
#include "controller/partitions.h"
#include "controller/producer_ids.h"
#include "controller/quotas.h"
#include "controller/scram_credentials.h"
#include "controller/topics.h"

namespace ottla::controller {
namespace {

using protocol::ApiKey;

// A response that has one code, and perhaps a text, for all of the request.
template <auto kHandle>
constexpr ControllerApi plain_api(ApiKey key, RecordLimit limit = RecordLimit::of_users) {
  using Handler = api_table_internal::Handler<kHandle>;
  return controller_api<kHandle, refuse_whole<typename Handler::Asks, typename Handler::Answers>>(key, limit);
}

constexpr std::array kApis = {
    controller_api<create_topics, refuse_create_topics>(ApiKey::create_topics),
    controller_api<delete_topics, refuse_delete_topics>(ApiKey::delete_topics),
    controller_api<create_acls, refuse_create_acls>(ApiKey::create_acls),
    controller_api<delete_acls, refuse_delete_acls>(ApiKey::delete_acls),
    controller_api<alter_configs, refuse_alter_configs>(ApiKey::alter_configs),
    controller_api<create_partitions, refuse_create_partitions>(ApiKey::create_partitions),
    controller_api<create_delegation_token, refuse_create_delegation_token>(ApiKey::create_delegation_token),
    controller_api<renew_delegation_token, refuse_renew_delegation_token>(ApiKey::renew_delegation_token),
    controller_api<expire_delegation_token, refuse_expire_delegation_token>(ApiKey::expire_delegation_token),
    controller_api<elect_leaders, refuse_elect_leaders>(ApiKey::elect_leaders),
    controller_api<incremental_alter_configs, refuse_incremental_alter_configs>(
        ApiKey::incremental_alter_configs),
    controller_api<alter_partition_reassignments, refuse_alter_partition_reassignments>(
        ApiKey::alter_partition_reassignments),
    controller_api<list_partition_reassignments, refuse_list_partition_reassignments>(
        ApiKey::list_partition_reassignments),
    controller_api<alter_client_quotas, refuse_alter_client_quotas>(ApiKey::alter_client_quotas),
    controller_api<alter_user_scram_credentials, refuse_alter_user_scram_credentials>(
        ApiKey::alter_user_scram_credentials),
    plain_api<alter_partition>(ApiKey::alter_partition, RecordLimit::none),
    plain_api<update_features>(ApiKey::update_features),
    plain_api<register_broker>(ApiKey::broker_registration, RecordLimit::none),
    plain_api<broker_heartbeat>(ApiKey::broker_heartbeat, RecordLimit::none),
    plain_api<unregister_broker>(ApiKey::unregister_broker),
    plain_api<allocate_producer_ids>(ApiKey::allocate_producer_ids, RecordLimit::none),
    controller_api<register_controller, refuse_register_controller>(ApiKey::controller_registration),
    plain_api<assign_replicas_to_dirs>(ApiKey::assign_replicas_to_dirs, RecordLimit::none),
    plain_api<unregister_controller>(ApiKey::unregister_controller),
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
