// A node that is about to start: its command line and configuration, understood and found right.
//
// It is made by a process of one shard, since how many the node has stands in its configuration.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log_format.h"
#include "base/log_level.h"
#include "base/result.h"
#include "config/loading.h"
#include "runtime/address.h"

namespace ottla::cli {

enum class Formatting : std::uint8_t {
  never,
  when_empty,  // directories of our own choice, which hold nothing else
  always,      // whatever is not formatted yet, as a tool would
};

struct LogWishes {
  LogLevel level = LogLevel::info;
  struct Module {
    std::string name;
    LogLevel level;
  };
  std::vector<Module> modules = {};
  LogFormat format = LogFormat::text;
};
// "info,storage=debug"
Result<LogWishes> parse_log_levels(std::string_view text);

struct StartPlan {
  config::Loaded node;
  std::string file;  // empty: none
  std::size_t shards = 0;
  Formatting formatting = Formatting::never;
  bool temporary = false;
  std::string temporary_directory;        // to be removed at the end; empty: none
  std::optional<std::string> cluster_id;  // to format with; by lot when there is none
  std::optional<Address> http;            // serves metrics and health
  LogWishes log;
  bool quiet = false;  // a service manager has no use for a screen
};

}  // namespace ottla::cli
