#include "runtime/tls/session_cache.h"

#include <openssl/ssl.h>

#include <utility>

namespace ottla {

void FreeSession::operator()(ssl_session_st* session) const {
  SSL_SESSION_free(session);
}

void SessionCache::put(const std::string& server, SessionPtr session) {
  auto [place, is_new] = sessions_.try_emplace(server);
  place->second.push_back(std::move(session));
  if (place->second.size() > kMaxPerServer) place->second.pop_front();
  if (!is_new) return;
  order_.push_back(server);
  if (order_.size() <= kMaxServers) return;
  sessions_.erase(order_.front());
  order_.pop_front();
}

SessionPtr SessionCache::take(const std::string& server) {
  const auto place = sessions_.find(server);
  if (place == sessions_.end() || place->second.empty()) return nullptr;
  std::deque<SessionPtr>& kept = place->second;
  if (SSL_SESSION_get_protocol_version(kept.back().get()) < TLS1_3_VERSION) {
    SSL_SESSION_up_ref(kept.back().get());
    return SessionPtr(kept.back().get());
  }
  SessionPtr newest = std::move(kept.back());
  kept.pop_back();
  return newest;
}

}  // namespace ottla
