#include "raft/voter_texts.h"

#include <fmt/format.h>

namespace ottla::raft {

std::string told_key(const ReplicaKey& key) {
  return fmt::format("ReplicaKey(id={}, directoryId={})", key.id.raw(),
                     key.has_directory() ? key.directory.to_string() : "<undefined>");
}

std::string told_keys(const VoterSet& voters) {
  std::string text;
  for (const VoterNode& voter : voters) text += (text.empty() ? "" : ", ") + told_key(voter.key);
  return "[" + text + "]";
}

std::string told_endpoints(const Endpoints& endpoints) {
  std::string text;
  for (const Endpoint& each : endpoints.list()) {
    text += fmt::format("{}ListenerName({})={}/<unresolved>:{}", text.empty() ? "" : ", ", each.listener,
                        each.host, each.port);
  }
  return "Endpoints(endpoints={" + text + "})";
}

std::string told_kraft_version(std::int16_t version) {
  return fmt::format("KRAFT_VERSION_{}", version);
}

}  // namespace ottla::raft
