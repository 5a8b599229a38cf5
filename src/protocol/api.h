// The APIs of the wire as data: keys, names, versions, who serves them.
//
// Concurrency: constants, read by anyone.
#pragma once

#include <cstdint>
#include <span>

#include "protocol/api_key.h"
#include "protocol/schema.h"

namespace ottla::protocol {

struct Listener {
  static constexpr std::uint8_t kBroker = 1;
  static constexpr std::uint8_t kController = 2;
};

struct ApiInfo {
  ApiKey key;
  const char* name;                      // Fetch
  std::uint8_t listeners = 0;            // flags of Listener; 0: the API was removed
  bool forwardable = false;              // a broker passes it on to the active controller
  bool cluster_action = false;           // asks for the right to act as a part of the cluster
  const MessageInfo* request = nullptr;  // null: the API was removed
  const MessageInfo* response = nullptr;
};

// By key, without gaps.
std::span<const ApiInfo> all_apis();
// Null when there is no such API or it was removed.
const ApiInfo* find_api(std::int16_t key);

}  // namespace ottla::protocol
