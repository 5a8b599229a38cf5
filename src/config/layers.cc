#include "config/layers.h"

#include <string_view>

#include "config/synonyms.h"

namespace ottla::config {

void override_texts(Texts& under, const Texts& over) {
  for (const auto& [name, text] : over) {
    for (const std::string_view each : node_synonyms(name, ListenerBase::without_base)) {
      if (const auto found = under.find(each); found != under.end()) under.erase(found);
    }
    under.insert_or_assign(name, text);
  }
}

Texts NodeLayers::effective() const {
  Texts texts = fixed;
  override_texts(texts, cluster);
  override_texts(texts, broker);
  return texts;
}

}  // namespace ottla::config
