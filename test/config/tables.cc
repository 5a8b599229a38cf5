#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "config/document.h"
#include "config/key.h"
#include "config/key_table.h"
#include "config/synonyms.h"
#include "test/config/script.h"

namespace ottla::config::reference {
namespace {

std::string synonyms_in(Scope scope, const Key& key) {
  std::string all;
  if (scope == Scope::topic) {
    for (const Synonym& each : topic_synonyms(key.name)) all += fmt::format(" {}*{}", each.name, each.factor);
  } else if (scope == Scope::group) {
    all = fmt::format(" {}", group_synonym(key.name).value_or(""));
  } else if (scope == Scope::node) {
    for (const std::string_view each : node_synonyms(key.name, ListenerBase::with_base))
      all += fmt::format(" {}", each);
  }
  return all.empty() ? all : all.substr(1);
}

std::string default_in(const Key& key) {
  if (key.otherwise.kind == Default::Kind::required) return "<none>";
  return key.otherwise.value() ? std::string(*key.otherwise.value()) : "<null>";
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& each : out) each = each >= 'a' && each <= 'z' ? static_cast<char>(each & ~0x20) : each;
  return out;
}

}  // namespace

std::vector<std::string> table_lines() {
  std::vector<std::string> lines;
  for (const Scope scope : kScopes) {
    for (const Key& key : keys_of(scope)) {
      if (key.name.starts_with("ottla.")) continue;
      const bool fixed = scope != Scope::node || key.update == UpdateMode::read_only;
      lines.push_back(fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}", name_of(scope), key.name,
                                  name_of(key.type), default_in(key), upper(name_of(key.importance)),
                                  key.internal() ? "internal" : "", fixed ? "" : name_of(key.update),
                                  notation_of(key.validator), synonyms_in(scope, key)));
    }
  }
  std::ranges::sort(lines);
  return lines;
}

}  // namespace ottla::config::reference
