// One reason why a node is not ready, or not well.
#pragma once

#include <string>

namespace ottla::server {

struct HealthReason {
  std::string part;  // "broker", "metadata", …
  std::string text;
};

}  // namespace ottla::server
