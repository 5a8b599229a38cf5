#include "cli/storage/format_options.h"

#include "base/node_id.h"
#include "base/uuid.h"
#include "cli/storage/directories.h"
#include "config/listeners.h"
#include "config/loading.h"
#include "config/node_key.h"
#include "quorum/format.h"
#include "quorum/initial_controllers.h"
#include "runtime/shard.h"

namespace ottla::cli {

using config::node_key;

quorum::FormatOptions format_options_of(const config::Loaded& node) {
  NodeDirectories directories = directories_of(node.config);
  quorum::FormatOptions options;
  options.node = NodeId(node.config.get(node_key<"node.id">));
  options.directories = std::move(directories.all);
  options.metadata_directory = std::move(directories.metadata);
  options.controller_listener = config::upper_case(node.shape.controller_names.front());
  options.unstable_allowed = node.config.get(node_key<"unstable.feature.versions.enable">);
  // A broker learns everything from controllers.
  options.write_bootstrap = node.shape.controller;
  return options;
}

quorum::InitialController this_controller(const config::Loaded& node) {
  const config::Endpoint listener = node.shape.advertised_by_controller().front();
  return {.node = NodeId(node.config.get(node_key<"node.id">)),
          .host = listener.host.empty() ? "localhost" : listener.host,
          .port = static_cast<std::uint16_t>(listener.port),
          .directory = random_uuid([] { return this_shard().random().next(); })};
}

}  // namespace ottla::cli
