// What `ottla` may be told when it is to be a node: a file, and options that outweigh it.
//
// Errors: invalid_argument, with what is wrong and what would be right.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ottla::cli {

enum class StartWish : std::uint8_t { run, help, version };

struct StartOptions {
  StartWish wish = StartWish::run;
  std::string file = {};                    // server.properties; empty: none
  std::vector<std::string> overrides = {};  // key=value
  std::optional<std::string> data = {};
  std::optional<std::uint16_t> port = {};
  std::optional<std::uint32_t> shards = {};
  bool temporary = false;
  bool format = false;
  std::optional<std::string> log_levels = {};
  std::optional<std::string> log_format = {};
};

Result<StartOptions> parse_start_options(std::span<const std::string> words);

std::string start_help();
std::string start_version();

}  // namespace ottla::cli
