// What administrators care for, as names and states in text, and how it reads in an image.
//
//   topic:NAME             3/0/k=v;k=v    partitions; the broker that is being added to the first one, or 0; configuration
//   broker:NAME            k=v;k=v        of the keys that administrators use here
//   quota:TYPE=NAME,…      k=v;k=v        integers
//   scram:MECHANISM:USER   ITERATIONS:SALT
//   feature:NAME           LEVEL
//   member:ID              1              is registered
//
// Concurrency: pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "metadata/image.h"
#include "test/node/admin/ledger.h"

namespace ottla::server {

using Settings = std::map<std::string, std::string>;
std::string shown(const Settings& settings);
Settings settings_in(std::string_view text);

struct TopicState {
  std::int32_t partitions = 0;
  std::int32_t adding = 0;
  Settings configs = {};

  State state() const;
  // Nothing when there is none.
  static std::optional<TopicState> from(const State& state);
};

// Broker keys that administrators alter, and nobody else.
bool is_used_broker_key(std::string_view key);

State state_in(const metadata::MetadataImage& image, const std::string& thing);

}  // namespace ottla::server
