// Sessions that a client may resume, by server.
//
// Concurrency: confined to the client's shard. OpenSSL hands sessions to the engine wherever it runs; the
//              stream brings them here.
// Invariants:  1. at most kMaxServers servers, the oldest leaves first
//              2. at most kMaxPerServer sessions each; one of TLS 1.3 is given out once, as RFC 8446 asks
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <string>

struct ssl_session_st;

namespace ottla {

struct FreeSession {
  void operator()(ssl_session_st* session) const;
};
using SessionPtr = std::unique_ptr<ssl_session_st, FreeSession>;

class SessionCache {
 public:
  static constexpr std::size_t kMaxServers = 1024;
  static constexpr std::size_t kMaxPerServer = 4;

  void put(const std::string& server, SessionPtr session);
  // Null when there is none.
  SessionPtr take(const std::string& server);

 private:
  std::map<std::string, std::deque<SessionPtr>> sessions_;
  std::deque<std::string> order_;  // servers, the oldest first
};

}  // namespace ottla
