// One resource's configuration in the making: what is asked of it, and whether it may be so.
//
// Lifetime:    texts point into the request or are its own.
// Concurrency: pure.
// Errors:      ApiError, in the reference's words.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/alteration.h"
#include "config/key_table.h"
#include "config/node_config.h"
#include "controller/call.h"
#include "controller/state.h"
#include "metadata/config_resource.h"

namespace ottla::controller {

class ConfigChange {
 public:
  ConfigChange(const State& state, const metadata::ConfigResourceView& resource);

  // Alters one key as asked.
  ApiError alter(const config::Alteration& alteration);
  void set(std::string_view key, std::optional<std::string_view> value);
  // Keys that are not `kept` go.
  template <typename Kept>
  void drop_others(Kept kept) {
    for (const auto& [key, value] : before_) {
      if (!kept(std::string_view(key))) dropped_.emplace_back(key, std::nullopt);
    }
  }

  // Whether all of it may be written.
  ApiError check(const Asked& asked) const;
  void add_records(RecordList& records) const;

 private:
  using Entry = std::pair<std::string, std::optional<std::string>>;  // nothing: the key goes

  ApiError check_entries(const Asked& asked) const;
  ApiError check_entry(const Entry& entry, const Asked& asked) const;
  ApiError check_rules(const config::Texts& after) const;
  ApiError check_existence() const;
  bool adds_cordoned_directories(std::string_view wanted) const;
  std::optional<std::string_view> now(std::string_view key) const;

  const State& state_;
  const metadata::ConfigResourceView resource_;
  config::Texts before_;
  std::vector<Entry> set_;      // what was asked for
  std::vector<Entry> dropped_;  // what goes since it was not named
};

config::Scope scope_of(metadata::ConfigResourceType type);

}  // namespace ottla::controller
