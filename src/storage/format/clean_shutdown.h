// The file `.kafka_cleanshutdown` of a log directory: that it stands there says that its logs were closed in good
// order and need no recovery.
//
// Format: docs/format/clean_shutdown.md
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ottla::storage {

inline constexpr std::string_view kCleanShutdown = ".kafka_cleanshutdown";

// `broker_epoch` is the one under which the node was registered; -1 if it was not.
std::string encode_clean_shutdown(std::int64_t broker_epoch);

// The broker epoch, which a node shows when it registers again. Nothing when the file does not say: what it says is no
// condition of a clean shutdown, and files of earlier versions are empty.
std::optional<std::int64_t> parse_clean_shutdown(std::string_view text);

}  // namespace ottla::storage
