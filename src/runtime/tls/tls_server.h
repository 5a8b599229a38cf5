// The accepting side of TLS: certificates, and the handshakes made with them.
//
// Use:         one TlsServer a shard. make() on the first, snapshot() travels to the others:
//              `on(shard, [snapshot] { servers.emplace(snapshot); })`, and use(snapshot) after a reload.
// Lifetime:    may die before its streams; must outlive its accept() calls.
// Concurrency: a TlsServer is confined to its shard. A Snapshot is immutable and counted atomically: it may
// be
//              copied to any shard and thread. Shards that use one snapshot resume each other's sessions.
// Errors:      invalid_argument names the option that is wrong; a failed reload changes nothing.
// Blocking:    handshakes compute on helper threads (HelperKind::compute), so does reload(); make() computes
//              in place and is for start-up.
#pragma once

#include <memory>

#include "base/result.h"
#include "runtime/cancel.h"
#include "runtime/stream.h"
#include "runtime/task.h"
#include "runtime/tls/tls_options.h"
#include "runtime/tls/tls_stream.h"

namespace ottla {

class RecordPool;
class TlsContext;

class TlsServer {
 public:
  using Snapshot = std::shared_ptr<const TlsContext>;

  static Result<TlsServer> make(const TlsServerOptions& options);
  explicit TlsServer(Snapshot snapshot);
  TlsServer(TlsServer&&) noexcept;
  TlsServer& operator=(TlsServer&&) noexcept;
  ~TlsServer();

  // From now on handshakes use the new options; sessions of before are not resumed. Connections go on.
  Task<Result<void>> reload(TlsServerOptions options);
  Snapshot snapshot() const { return snapshot_; }
  void use(Snapshot snapshot);

  // The handshake. Its deadline is the caller's (with_timeout). On failure the stream has been closed, and
  // the peer was told why by an alert if it would listen.
  Task<Result<std::unique_ptr<TlsStream>>> accept(std::unique_ptr<Stream> stream, Cancel cancel);

 private:
  Snapshot snapshot_;  // changed by use() and reload()
  std::shared_ptr<RecordPool> pool_;
};

}  // namespace ottla
