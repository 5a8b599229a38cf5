// How the reference names replicas in what it tells about changes of voters: people compare such texts.
//
// Concurrency: pure.
#pragma once

#include <cstdint>
#include <string>

#include "raft/endpoints.h"
#include "raft/replica_key.h"
#include "raft/voter_set.h"

namespace ottla::raft {

// ReplicaKey(id=1, directoryId=…)
std::string told_key(const ReplicaKey& key);
// [ReplicaKey(…), …]
std::string told_keys(const VoterSet& voters);
// Endpoints(endpoints={ListenerName(C)=host/<unresolved>:9093})
std::string told_endpoints(const Endpoints& endpoints);
// KRAFT_VERSION_1
std::string told_kraft_version(std::int16_t version);

}  // namespace ottla::raft
