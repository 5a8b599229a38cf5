// What a node's settings are under an image: what it was started with, under what was altered for all brokers and for
// this one.
//
// Lifetime:    of the node.
// Concurrency: pure.
// Invariants:  a key that was altered to something it cannot be counts as not altered
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/node_id.h"
#include "config/node_config.h"
#include "metadata/delta.h"
#include "metadata/image.h"
#include "server/node_settings.h"

namespace ottla::server {

class SettingsSource {
 public:
  // `note` gets a line for each altered key that is left out.
  using Note = std::function<void(const config::Problem&)>;

  SettingsSource(NodeId node, SharedSettings started, Note note);

  const SharedSettings& now() const { return now_; }
  // Whether the delta says anything about this node's settings.
  bool concerned_by(const metadata::MetadataDelta& delta) const;
  // From now on.
  const SharedSettings& follow(const metadata::MetadataImage& image);

 private:
  config::Texts texts_of(const metadata::MetadataImage& image, std::string_view name) const;

  const std::string node_;
  const SharedSettings started_;
  const Note note_;
  SharedSettings now_;
};

}  // namespace ottla::server
