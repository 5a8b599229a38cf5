// What a node tells others of where it listens.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/listeners.h"
#include "metadata/registration.h"
#include "runtime/address.h"

namespace ottla::server {

struct BoundListener {
  std::string name;
  Address address;  // with the real port
};

// Endpoints as configured, with the real port where any was asked for, and this machine's name where none was given.
std::vector<config::Endpoint> with_real_ports(std::vector<config::Endpoint> endpoints,
                                              const std::vector<BoundListener>& bound, std::string_view host);
std::vector<metadata::Listener> as_registered(const std::vector<config::Endpoint>& endpoints);

}  // namespace ottla::server
