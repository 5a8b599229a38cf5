// One listener that a node has open.
//
// Lifetime: a value.
#pragma once

#include <string>

#include "runtime/address.h"
#include "server/client_info.h"

namespace ottla::server {

struct OpenListener {
  std::string name = {};
  ListenerKind kind = ListenerKind::broker;
  Address address = {};  // with the real port
};

}  // namespace ottla::server
