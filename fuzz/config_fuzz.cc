// fuzz: base config
// Any bytes as a properties file, a text with placeholders, listeners, one value of any key, or a whole start: the first
// byte says which. What can be read and written again reads the same; what is refused says why.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/invariant.h"
#include "base/result.h"
#include "config/java_numbers.h"
#include "config/key_table.h"
#include "config/listeners.h"
#include "config/loading.h"
#include "config/properties.h"
#include "config/providers.h"
#include "config/value.h"
#include "config/value_check.h"

namespace ottla::config {
namespace {

void properties(std::string_view text) {
  const auto read = parse_properties(text, "file");
  if (!read.ok()) {
    OTTLA_INVARIANT(!read.error().text().empty(), "refused without a word");
    return;
  }
  const auto again = parse_properties(encode_properties(*read, 0), "file");
  OTTLA_INVARIANT(again.ok() && again->size() == read->size(), "properties changed");
  for (std::size_t each = 0; each < read->size(); ++each) {
    OTTLA_INVARIANT((*read)[each].key == (*again)[each].key && (*read)[each].value == (*again)[each].value,
                    "a property changed");
    OTTLA_INVARIANT((*read)[each].line > 0, "a property without a line");
  }
}

void placeholders(std::string_view text) {
  std::size_t done = 0;
  for (const Placeholder& each : find_placeholders(text)) {
    OTTLA_INVARIANT(done <= each.begin && each.begin < each.end && each.end <= text.size(),
                    "a placeholder elsewhere");
    OTTLA_INVARIANT(text.substr(each.begin).starts_with("${") && text[each.end - 1] == '}', "no placeholder");
    done = each.end;
  }
  const std::string path = normal_path(text);
  OTTLA_INVARIANT(normal_path(path) == path, "a path changed");
}

void listeners(std::string_view text) {
  const auto map = parse_protocol_map("A:PLAINTEXT,B:SSL,C:SASL_SSL");
  const auto read = parse_endpoints(java_list(text), *map, Ports::differ);
  OTTLA_INVARIANT(read.ok() || !read.error().text().empty(), "refused without a word");
  if (read.ok()) {
    for (const Endpoint& each : *read)
      OTTLA_INVARIANT(map->contains(each.listener), "a listener without protocol");
  }
  if (const auto other = parse_protocol_map(text); !other.ok()) {
    OTTLA_INVARIANT(!other.error().text().empty(), "refused without a word");
  }
}

void value(std::string_view text) {
  if (text.empty()) return;
  const auto keys =
      keys_of(kScopes[static_cast<std::size_t>(static_cast<unsigned char>(text[0])) % std::size(kScopes)]);
  if (text.size() < 2) return;
  const Key& key = keys[(static_cast<unsigned char>(text[1]) * 7) % keys.size()];
  const auto read = parse_value(key, text.substr(2));
  if (!read.ok() || key.sensitive()) return;
  const auto shown = text_of(*read);
  OTTLA_INVARIANT(shown.has_value(), "a value without a text");
  const auto again = parse_value(key, *shown);
  OTTLA_INVARIANT(again.ok() && text_of(*again) == shown, "a value changed", key.name);
}

class Nothing : public ProviderDoor {
 public:
  Result<std::string> read_file(const std::string&) const override { return Errc::not_found; }
  bool exists(const std::string&) const override { return true; }
};

void start(std::string_view text) {
  const Loaded loaded = load_node(
      {.path = "f", .file = std::string(text), .environment = {}, .overrides = {}, .assumed = {}}, Nothing());
  OTTLA_INVARIANT(!loaded.errors.empty() || loaded.shape.complete, "a start without listeners");
}

}  // namespace
}  // namespace ottla::config

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  using Parser = void (*)(std::string_view);
  constexpr Parser kParsers[] = {ottla::config::properties, ottla::config::placeholders,
                                 ottla::config::listeners, ottla::config::value, ottla::config::start};
  kParsers[data[0] % std::size(kParsers)](text);
  return 0;
}
