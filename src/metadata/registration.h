// Brokers and controllers as they registered themselves.
//
// Lifetime:    a registration that an image holds never changes; a change makes another one.
// Concurrency: constant, so that any shard may read it.
// Invariants:  1. listeners and features ascend by name, each name once
//              2. directories ascend; each listener of a broker has a name
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/counted.h"
#include "base/node_id.h"
#include "base/result.h"
#include "base/uuid.h"
#include "protocol/messages/cluster_metadata.h"

namespace ottla::metadata {

enum class SecurityProtocol : std::int16_t { plaintext, ssl, sasl_plaintext, sasl_ssl };
std::string_view name_of(SecurityProtocol protocol);

struct Listener {
  std::string name;
  std::string host;
  std::uint16_t port = 0;
  SecurityProtocol protocol = SecurityProtocol::plaintext;

  friend bool operator==(const Listener&, const Listener&) = default;
};

struct SupportedFeature {
  std::string name;
  std::int16_t least = 0;
  std::int16_t most = 0;

  friend bool operator==(const SupportedFeature&, const SupportedFeature&) = default;
};

struct BrokerRegistration : Counted {
  static Result<Ref<const BrokerRegistration>> from(const protocol::RegisterBrokerRecord& record);
  Ref<const BrokerRegistration> with_fenced(bool now_fenced) const;
  Result<Ref<const BrokerRegistration>> changed_by(
      const protocol::BrokerRegistrationChangeRecord& record) const;

  // Null when there is none of that name.
  const Listener* listener(std::string_view name) const;
  // Null when the feature was not told.
  const SupportedFeature* feature(std::string_view name) const;
  // A directory that is online, or one of the low ids that stand for none in particular.
  bool has_online_directory(const Uuid& directory) const;
  bool has_uncordoned_directory() const;

  NodeId id{0};
  std::int64_t epoch = 0;  // offset of the record that registered it
  Uuid incarnation_id;
  std::vector<Listener> listeners;
  std::vector<SupportedFeature> features;
  std::optional<std::string> rack;
  bool fenced = true;
  bool in_controlled_shutdown = false;
  bool migrating_from_zookeeper = false;
  std::vector<Uuid> directories;                          // that are online
  std::optional<std::vector<Uuid>> cordoned_directories;  // that take no new replicas; none: unknown

  friend bool operator==(const BrokerRegistration& a, const BrokerRegistration& b);
};

struct ControllerRegistration : Counted {
  static Result<Ref<const ControllerRegistration>> from(const protocol::RegisterControllerRecord& record);

  const Listener* listener(std::string_view name) const;
  const SupportedFeature* feature(std::string_view name) const;

  NodeId id{0};
  Uuid incarnation_id;
  bool ready_to_migrate = false;
  std::vector<Listener> listeners;
  std::vector<SupportedFeature> features;

  friend bool operator==(const ControllerRegistration& a, const ControllerRegistration& b);
};

}  // namespace ottla::metadata
