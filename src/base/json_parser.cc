// The only file that knows the JSON library. Its event interface is used: it does not recurse, reports errors
// through the handler and builds nothing.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "base/error.h"
#include "base/json_value.h"
#include "base/result.h"

namespace ottla {

// Each event says whether to go on; after false, error() says why not.
class JsonTreeBuilder {
 public:
  using Text = nlohmann::json::string_t;

  JsonTreeBuilder(Arena& arena, std::size_t deepest) : arena_(arena), deepest_(deepest) {}

  const JsonValue* root() const { return root_; }
  Error error() && { return std::move(error_); }

  bool null() { return add(JsonKind::null) != nullptr; }
  bool boolean(bool value) { return add_integer(JsonKind::boolean, value ? 1 : 0); }
  bool number_integer(std::int64_t value) { return add_integer(JsonKind::integer, value); }
  bool number_unsigned(std::uint64_t value) {
    if (std::in_range<std::int64_t>(value))
      return add_integer(JsonKind::integer, static_cast<std::int64_t>(value));
    return add_real(static_cast<double>(value), std::to_string(value));
  }
  // What the library made of the digits depends on the locale.
  bool number_float(double, const Text& digits) {
    double value = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (parsed.ec != std::errc()) value = digits.starts_with('-') ? -0.0 : 0.0;  // too small for a double
    return add_real(value, digits);
  }
  bool string(const Text& value) {
    JsonValue* added = add(JsonKind::text);
    return added != nullptr && keep(value, added->text_);
  }
  bool binary(const nlohmann::json::binary_t&) { return false; }  // JSON has none

  bool start_object(std::size_t) { return open(JsonKind::object); }
  bool start_array(std::size_t) { return open(JsonKind::array); }
  bool key(const Text& name) { return keep(name, name_); }
  bool end_object() { return names_differ(*open_.back().value) && close(); }
  bool end_array() { return close(); }

  bool parse_error(std::size_t position, const std::string&, const std::exception&) {
    error_ = Error(Errc::malformed, fmt::format("not JSON at byte {}", position));
    return false;
  }

 private:
  struct Open {
    JsonValue* value;
    JsonValue* last;  // of its children
  };

  bool fail(Errc code) {
    error_ = Error(code);
    return false;
  }

  JsonValue* add(JsonKind kind) {
    auto* added = arena_.make<JsonValue>();
    if (added == nullptr) {
      fail(Errc::out_of_budget);
      return nullptr;
    }
    added->kind_ = kind;
    added->name_ = std::exchange(name_, {});
    if (open_.empty()) {
      root_ = added;
      return added;
    }
    Open& parent = open_.back();
    (parent.last == nullptr ? parent.value->first_ : parent.last->next_) = added;
    parent.last = added;
    ++parent.value->size_;
    return added;
  }
  bool add_integer(JsonKind kind, std::int64_t value) {
    JsonValue* added = add(kind);
    if (added != nullptr) added->integer_ = value;
    return added != nullptr;
  }
  bool add_real(double value, std::string_view digits) {
    JsonValue* added = add(JsonKind::real);
    if (added == nullptr || !keep(digits, added->text_)) return false;
    added->real_ = value;
    return true;
  }
  bool keep(std::string_view text, std::string_view& kept) {
    auto copied = arena_.copy(text);
    if (!copied.ok()) return fail(Errc::out_of_budget);
    kept = *copied;
    return true;
  }

  bool open(JsonKind kind) {
    if (open_.size() == deepest_) {
      error_ = Error(Errc::too_large, fmt::format("JSON nested more than {} deep", deepest_));
      return false;
    }
    JsonValue* added = add(kind);
    if (added == nullptr) return false;
    added->size_ = 0;
    open_.push_back({.value = added, .last = nullptr});
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  // Two members of one name mean different things to different readers.
  bool names_differ(const JsonValue& object) {
    if (object.size() < 2) return true;
    names_.clear();
    for (const JsonValue& member : object) names_.push_back(member.name());
    std::ranges::sort(names_);
    if (std::ranges::adjacent_find(names_) == names_.end()) return true;
    error_ = Error(Errc::malformed, "two members of a JSON object have the same name");
    return false;
  }

  Arena& arena_;
  const std::size_t deepest_;
  JsonValue* root_ = nullptr;
  std::vector<Open> open_;
  std::string_view name_;                // of the next member
  std::vector<std::string_view> names_;  // reused
  Error error_{Errc::malformed};
};

Result<const JsonValue*> parse_json(std::string_view text, Arena& arena, std::size_t deepest) {
  JsonTreeBuilder builder(arena, deepest);
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) return std::move(builder).error();
  return builder.root();
}

}  // namespace ottla
