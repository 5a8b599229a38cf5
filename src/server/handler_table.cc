#include "server/handler_table.h"

#include <cstddef>

#include "base/invariant.h"
#include "controller/api_table.h"
#include "protocol/api.h"
#include "protocol/api_key.h"
#include "quorum/metadata_quorum.h"
#include "server/handlers/alter_configs.h"
#include "server/handlers/alter_replica_log_dirs.h"
#include "server/handlers/api_versions.h"
#include "server/handlers/controller_api.h"
#include "server/handlers/create_acls.h"
#include "server/handlers/create_delegation_token.h"
#include "server/handlers/delete_acls.h"
#include "server/handlers/delete_records.h"
#include "server/handlers/describe_acls.h"
#include "server/handlers/describe_client_quotas.h"
#include "server/handlers/describe_cluster.h"
#include "server/handlers/describe_configs.h"
#include "server/handlers/describe_delegation_token.h"
#include "server/handlers/describe_log_dirs.h"
#include "server/handlers/describe_producers.h"
#include "server/handlers/describe_topic_partitions.h"
#include "server/handlers/describe_user_scram_credentials.h"
#include "server/handlers/envelope.h"
#include "server/handlers/expire_delegation_token.h"
#include "server/handlers/fetch.h"
#include "server/handlers/forwarded.h"
#include "server/handlers/init_producer_id.h"
#include "server/handlers/list_config_resources.h"
#include "server/handlers/list_offsets.h"
#include "server/handlers/metadata.h"
#include "server/handlers/offset_for_leader_epoch.h"
#include "server/handlers/produce.h"
#include "server/handlers/quorum_api.h"
#include "server/handlers/renew_delegation_token.h"
#include "server/handlers/sasl.h"

namespace ottla::server {
namespace {

using protocol::ApiKey;

constexpr Handler kBroker[] = {
    overlapping(handler<&answer_produce>(ApiKey::produce)),
    handler<&answer_fetch>(ApiKey::fetch),
    handler<&answer_list_offsets>(ApiKey::list_offsets),
    handler<&answer_metadata>(ApiKey::metadata),
    handler<&answer_sasl_handshake>(ApiKey::sasl_handshake),
    handler<&answer_api_versions>(ApiKey::api_versions),
    handler<&answer_delete_records>(ApiKey::delete_records),
    handler<&answer_init_producer_id>(ApiKey::init_producer_id),
    handler<&answer_offset_for_leader_epoch>(ApiKey::offset_for_leader_epoch),
    handler<&answer_describe_acls>(ApiKey::describe_acls),
    handler<&answer_describe_configs>(ApiKey::describe_configs),
    handler<&answer_alter_configs>(ApiKey::alter_configs),
    handler<&answer_alter_replica_log_dirs>(ApiKey::alter_replica_log_dirs),
    handler<&answer_describe_log_dirs>(ApiKey::describe_log_dirs),
    handler<&answer_sasl_authenticate>(ApiKey::sasl_authenticate),
    handler<&answer_create_delegation_token>(ApiKey::create_delegation_token),
    handler<&answer_renew_delegation_token>(ApiKey::renew_delegation_token),
    handler<&answer_expire_delegation_token>(ApiKey::expire_delegation_token),
    handler<&answer_incremental_alter_configs>(ApiKey::incremental_alter_configs),
    handler<&answer_describe_delegation_token>(ApiKey::describe_delegation_token),
    handler<&answer_describe_client_quotas>(ApiKey::describe_client_quotas),
    handler<&answer_describe_user_scram_credentials>(ApiKey::describe_user_scram_credentials),
    handler<&answer_describe_cluster>(ApiKey::describe_cluster),
    handler<&answer_describe_producers>(ApiKey::describe_producers),
    handler<&answer_list_config_resources>(ApiKey::list_config_resources),
    handler<&answer_describe_topic_partitions>(ApiKey::describe_topic_partitions),
};

constexpr Handler kController[] = {
    handler<&answer_sasl_handshake>(ApiKey::sasl_handshake),
    handler<&answer_api_versions>(ApiKey::api_versions),
    handler<&answer_describe_acls>(ApiKey::describe_acls),
    handler<&answer_create_acls>(ApiKey::create_acls),
    handler<&answer_delete_acls>(ApiKey::delete_acls),
    handler<&answer_describe_configs>(ApiKey::describe_configs),
    handler<&answer_sasl_authenticate>(ApiKey::sasl_authenticate),
    handler<&answer_create_delegation_token>(ApiKey::create_delegation_token),
    handler<&answer_renew_delegation_token>(ApiKey::renew_delegation_token),
    handler<&answer_expire_delegation_token>(ApiKey::expire_delegation_token),
    handler<&alter_configs_at_controller>(ApiKey::incremental_alter_configs),
    handler<&answer_describe_delegation_token>(ApiKey::describe_delegation_token),
    handler<&answer_describe_user_scram_credentials>(ApiKey::describe_user_scram_credentials),
    handler<&open_envelope>(ApiKey::envelope),
    handler<&answer_describe_cluster>(ApiKey::describe_cluster),
};

HandlerTable make_controller_handlers() {
  HandlerTable table;
  for (const Handler& each : kController) table.add(each);
  for (const controller::ControllerApi& each : controller::controller_apis()) table.add(controlled(each.key));
  for (const protocol::ApiInfo& each : protocol::all_apis()) {
    if (quorum::MetadataQuorum::serves(each.key)) table.add(quorum_served(each.key));
  }
  return table;
}

// What a broker does not do itself it passes on, if the controller does it.
HandlerTable make_broker_handlers() {
  HandlerTable table;
  for (const Handler& each : kBroker) table.add(each);
  for (const protocol::ApiInfo& each : protocol::all_apis()) {
    const bool passed_on = each.forwardable && (each.listeners & protocol::Listener::kBroker) != 0;
    if (passed_on && controller_handlers().find(each.key) != nullptr) table.add(forwarded(each.key));
  }
  return table;
}

}  // namespace

void HandlerTable::add(const Handler& handler) {
  const auto index = static_cast<std::size_t>(handler.key);
  OTTLA_INVARIANT(index < by_key_.size(), "an API key beyond the table", index);
  if (!by_key_[index]) by_key_[index] = handler;
}

const HandlerTable& broker_handlers() {
  static const HandlerTable table = make_broker_handlers();
  return table;
}

const HandlerTable& controller_handlers() {
  static const HandlerTable table = make_controller_handlers();
  return table;
}

}  // namespace ottla::server
