// Who sent a request, and through which door: what all requests of one connection have in common.
//
// Lifetime: of its connection; of a forwarded request, as long as that is served.
#pragma once

#include <cstdint>
#include <string>

#include "runtime/address.h"
#include "runtime/cancel.h"

namespace ottla::server {

struct SoftwareDoor;

// What stands behind a listener. The numbers are those of protocol::Listener.
enum class ListenerKind : std::uint8_t { broker = 1, controller = 2 };

// What a listener's connections have in common.
struct ListenerTerms {
  ListenerKind kind = ListenerKind::broker;
  std::string name = {};  // in upper case
};

struct Principal {
  std::string type = "User";
  std::string name = "ANONYMOUS";
  bool token_authenticated = false;

  // TYPE:NAME
  std::string to_string() const { return type + ':' + name; }
};

class ShardPull;

struct ClientInfo {
  ListenerKind kind = ListenerKind::broker;
  std::string listener = {};  // its name, in upper case
  Address local = {};
  Address peer = {};
  Principal principal = {};
  // Of the connection that it came by; null for requests that came without one of their own.
  CancelSource* connection = nullptr;  // requested: it ends
  const SoftwareDoor* software = nullptr;
  ShardPull* pull = nullptr;  // where the partitions of its requests are
};

}  // namespace ottla::server
