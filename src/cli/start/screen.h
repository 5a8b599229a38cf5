// What a person sees when a node has started.
//
// Concurrency: pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/address.h"

namespace ottla::cli {

struct ScreenFacts {
  std::vector<std::string> clients;  // addresses for clients; none on a controller
  std::vector<std::string> controllers;
  std::vector<std::string> directories;
  bool formatted = false;  // just now
  std::string cluster_id;
  std::int32_t node = 0;
  std::string http;  // empty: none
  std::int64_t milliseconds = 0;
};

std::string start_screen(const ScreenFacts& facts);

// As somebody on this machine would write it: a listener on all interfaces is localhost.
std::string dialled(const Address& address);

}  // namespace ottla::cli
