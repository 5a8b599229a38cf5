#include "quorum/bootstrap_text.h"

#include <fmt/format.h>

#include <span>
#include <vector>

#include "base/arena.h"
#include "base/budget.h"
#include "protocol/messages/cluster_metadata.h"
#include "protocol/record_codec.h"
#include "quorum/metadata_topic.h"

namespace ottla::quorum {
namespace {

constexpr std::size_t kMostMemory = std::size_t{1} << 20;

Result<std::string> body_of(const protocol::EncodedMessage& record, Arena& arena) {
  if (record.message == &protocol::FeatureLevelRecord::message()) {
    protocol::FeatureLevelRecord feature;
    OTTLA_CHECK(protocol::decode(record, arena, feature));
    return fmt::format("FeatureLevelRecord(name='{}', featureLevel={})", feature.name, feature.feature_level);
  }
  if (record.message == &protocol::UserScramCredentialRecord::message()) {
    protocol::UserScramCredentialRecord user;
    OTTLA_CHECK(protocol::decode(record, arena, user));
    return fmt::format(
        "UserScramCredentialRecord(name='{}', mechanism={}, salt=[hidden], storedKey=[hidden], "
        "serverKey=[hidden], "
        "iterations={})",
        user.name, user.mechanism, user.iterations);
  }
  return fmt::format("{}(…)", record.message->name);
}

std::string text_of_record(const std::string& bytes) {
  Budget budget("a bootstrap record", kMostMemory);
  Arena arena(budget);
  const auto record = protocol::open_metadata_record(kMetadataTopic, std::as_bytes(std::span(bytes)));
  if (!record.ok()) return "?";
  const Result<std::string> body = body_of(*record, arena);
  return fmt::format("ApiMessageAndVersion({} at version {})", body.ok() ? *body : "?", record->version);
}

}  // namespace

std::string text_of(const metadata::Bootstrap& bootstrap) {
  std::vector<std::string> records;
  for (const std::string& record : bootstrap.records) records.push_back(text_of_record(record));
  return fmt::format("BootstrapMetadata(records=[{}], metadataVersionLevel={}, source=format command)",
                     fmt::join(records, ", "), metadata::level_of(bootstrap.version));
}

}  // namespace ottla::quorum
