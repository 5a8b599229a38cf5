#include "storage/format/clean_shutdown.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/budget.h"
#include "base/json_text.h"
#include "base/json_value.h"

namespace ottla::storage {

std::string encode_clean_shutdown(std::int64_t broker_epoch) {
  std::string text;
  JsonText json(text);
  json.begin_object();
  json.key("version");
  json.integer(0);
  json.key("brokerEpoch");
  json.integer(broker_epoch);
  json.end_object();
  return text;
}

std::optional<std::int64_t> parse_clean_shutdown(std::string_view text) {
  constexpr std::size_t kMost = std::size_t{64} * 1024;
  Budget budget("the marker of a clean shutdown", kMost);
  Arena arena(budget);
  const auto root = parse_json(text, arena);
  if (!root.ok()) return std::nullopt;
  const JsonValue* const epoch = (*root)->find("brokerEpoch");
  return epoch == nullptr ? std::nullopt : epoch->integer();
}

}  // namespace ottla::storage
