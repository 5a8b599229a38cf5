// Which handlers and versions stand behind a kind of listener.
#pragma once

#include "config/node_config.h"
#include "config/node_key.h"
#include "protocol/request_header.h"
#include "server/client_info.h"
#include "server/handler_table.h"

namespace ottla::server {

inline const HandlerTable& handlers_of(ListenerKind kind) {
  return kind == ListenerKind::broker ? broker_handlers() : controller_handlers();
}

inline protocol::Served served_by(ListenerKind kind, const config::NodeConfig& config) {
  return {.listener = static_cast<std::uint8_t>(kind),
          .unstable = config.get(config::node_key<"unstable.api.versions.enable">)};
}

}  // namespace ottla::server
