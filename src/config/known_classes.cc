#include "config/known_classes.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <string_view>
#include <vector>

namespace ottla::config {
namespace {

constexpr std::string_view kRetriever = "sasl.oauthbearer.jwt.retriever.class";
constexpr std::string_view kValidator = "sasl.oauthbearer.jwt.validator.class";
constexpr std::string_view kServerCallbacks = "sasl.server.callback.handler.class";
constexpr std::string_view kLoginCallbacks = "sasl.login.callback.handler.class";
constexpr std::string_view kClientCallbacks = "sasl.client.callback.handler.class";
constexpr std::string_view kLogin = "sasl.login.class";
constexpr std::string_view kProviders = "config.providers";

constexpr KnownClass kClasses[] = {
    {"org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder", "principal.builder.class",
     "names of certificates, SASL users and tokens"},
    {"org.apache.kafka.metadata.authorizer.StandardAuthorizer", "authorizer.class.name",
     "ACLs in the metadata"},
    {"org.apache.kafka.common.replica.RackAwareReplicaSelector", "replica.selector.class",
     "reads from a replica in the client's rack"},
    {"org.apache.kafka.common.metrics.JmxReporter", "metric.reporters", "nothing: there is no JMX"},
    {"org.apache.kafka.common.security.ssl.DefaultSslEngineFactory", "ssl.engine.factory.class", "OpenSSL"},
    {"org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever", kRetriever,
     "file or token endpoint"},
    {"org.apache.kafka.common.security.oauthbearer.ClientCredentialsJwtRetriever", kRetriever,
     "token endpoint"},
    {"org.apache.kafka.common.security.oauthbearer.FileJwtRetriever", kRetriever, "token from a file"},
    {"org.apache.kafka.common.security.oauthbearer.JwtBearerJwtRetriever", kRetriever,
     "assertion at the endpoint"},
    {"org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator", kValidator, "checks of a broker"},
    {"org.apache.kafka.common.security.oauthbearer.BrokerJwtValidator", kValidator, "checks of a broker"},
    {"org.apache.kafka.common.security.oauthbearer.ClientJwtValidator", kValidator, "checks of a client"},
    {"org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler", kServerCallbacks,
     "validation of tokens"},
    {"org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler", kLoginCallbacks,
     "retrieval of tokens"},
    {"org.apache.kafka.common.security.authenticator.SaslClientCallbackHandler", kClientCallbacks,
     "the usual"},
    {"org.apache.kafka.common.security.authenticator.DefaultLogin", kLogin, "the usual"},
    {"org.apache.kafka.common.security.kerberos.KerberosLogin", kLogin, "Kerberos tickets"},
    {"org.apache.kafka.coordinator.group.assignor.UniformAssignor", "group.consumer.assignors", "uniform"},
    {"org.apache.kafka.coordinator.group.assignor.RangeAssignor", "group.consumer.assignors", "range"},
    {"org.apache.kafka.coordinator.group.assignor.SimpleAssignor", "group.share.assignors", "simple"},
    {"org.apache.kafka.coordinator.group.streams.assignor.StickyTaskAssignor", "group.streams.assignors",
     "sticky"},
    {"org.apache.kafka.server.share.persister.DefaultStatePersister", "group.share.persister.class.name",
     "state in __share_group_state"},
    {"org.apache.kafka.server.share.dlq.DefaultShareGroupDLQManager", "group.share.dlq.manager.class.name",
     "records put aside in a topic"},
    {"org.apache.kafka.server.share.dlq.NoOpShareGroupDLQManager", "group.share.dlq.manager.class.name",
     "records that nobody could process are dropped"},
    {"org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager",
     "remote.log.metadata.manager.class.name", "knowledge in __remote_log_metadata"},
    {"org.apache.kafka.common.config.provider.FileConfigProvider", kProviders,
     "values from properties files"},
    {"org.apache.kafka.common.config.provider.DirectoryConfigProvider", kProviders,
     "values from a file each"},
    {"org.apache.kafka.common.config.provider.EnvVarConfigProvider", kProviders,
     "values from the environment"},
};

// Of keys that take a class as a text. A list has short names for what is built in.
struct TextKey {
  std::string_view key;
  std::string_view short_names[2] = {};
};
constexpr TextKey kTextKeys[] = {{"group.consumer.assignors", {"uniform", "range"}},
                                 {"group.share.assignors", {"simple"}},
                                 {"group.share.dlq.manager.class.name"},
                                 {"group.share.persister.class.name"},
                                 {"group.streams.assignors", {"sticky"}},
                                 {"kafka.metrics.reporters"},
                                 {"metric.reporters"},
                                 {"remote.log.metadata.manager.class.name"},
                                 {"remote.log.storage.manager.class.name"},
                                 {"replica.selector.class"}};

const TextKey* find_text_key(std::string_view key) {
  const auto* const found = std::ranges::find(kTextKeys, key, &TextKey::key);
  return found == std::end(kTextKeys) ? nullptr : found;
}

}  // namespace

std::span<const KnownClass> known_classes() {
  return kClasses;
}

bool is_known_class(std::string_view name) {
  return std::ranges::find(kClasses, name, &KnownClass::name) != std::end(kClasses);
}

bool is_known_class_of(std::string_view key, std::string_view name) {
  return std::ranges::any_of(kClasses,
                             [&](const KnownClass& each) { return each.name == name && each.key == key; });
}

bool takes_class_as_text(std::string_view key) {
  return find_text_key(key) != nullptr;
}

bool may_stand_in(std::string_view key, std::string_view name) {
  const std::vector<std::string_view> names = names_for(key);
  return std::ranges::find(names, name) != names.end();
}

std::vector<std::string_view> names_for(std::string_view key) {
  std::vector<std::string_view> names;
  if (const TextKey* text = find_text_key(key)) {
    std::ranges::copy_if(text->short_names, std::back_inserter(names),
                         [](std::string_view each) { return !each.empty(); });
  }
  for (const KnownClass& each : kClasses) {
    if (each.key == key) names.push_back(each.name);
  }
  return names;
}

}  // namespace ottla::config
