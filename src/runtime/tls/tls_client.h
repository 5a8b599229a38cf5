// The connecting side of TLS: whom it trusts, who it is, and the sessions that it can resume.
//
// Lifetime:    may die before its streams; must outlive its connect() calls.
// Concurrency: confined to its shard; another shard makes its own from snapshot() (sessions are not shared).
// Errors:      invalid_argument names the option that is wrong; a failed reload changes nothing.
// Blocking:    handshakes compute on helper threads, so does reload(); make() computes in place.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "runtime/cancel.h"
#include "runtime/stream.h"
#include "runtime/task.h"
#include "runtime/tls/tls_options.h"
#include "runtime/tls/tls_stream.h"

namespace ottla {

class RecordPool;
class SessionCache;
class TlsContext;

class TlsClient {
 public:
  using Snapshot = std::shared_ptr<const TlsContext>;

  static Result<TlsClient> make(const TlsClientOptions& options);
  explicit TlsClient(Snapshot snapshot);
  TlsClient(TlsClient&&) noexcept;
  TlsClient& operator=(TlsClient&&) noexcept;
  ~TlsClient();

  // From now on connections use the new options, and none of the sessions of before.
  Task<Result<void>> reload(TlsClientOptions options);
  Snapshot snapshot() const { return snapshot_; }
  void use(Snapshot snapshot);

  // The handshake with `server_name`, a host name or an IP address as the user wrote it: it is what the
  // server's certificate must be for, and with the peer's port it names the sessions to resume. On failure
  // the stream has been closed.
  //
  // With TLS 1.3 a server may refuse the client's certificate, or its absence, only after this ended well:
  // then the first read says so.
  Task<Result<std::unique_ptr<TlsStream>>> connect(std::unique_ptr<Stream> stream, std::string server_name,
                                                   Cancel cancel);

 private:
  Snapshot snapshot_;                       // changed by use() and reload()
  std::shared_ptr<SessionCache> sessions_;  // a new one with each snapshot
  std::shared_ptr<RecordPool> pool_;
};

}  // namespace ottla
