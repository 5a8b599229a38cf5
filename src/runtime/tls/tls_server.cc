#include "runtime/tls/tls_server.h"

#include <utility>

#include "runtime/offload.h"
#include "runtime/tls/handshake.h"

namespace ottla {

TlsServer::TlsServer(Snapshot snapshot)
    : snapshot_(std::move(snapshot)), pool_(std::make_shared<RecordPool>()) {
  OTTLA_INVARIANT(snapshot_ != nullptr && snapshot_->is_server(), "not a server's snapshot");
}
TlsServer::TlsServer(TlsServer&&) noexcept = default;
TlsServer& TlsServer::operator=(TlsServer&&) noexcept = default;
TlsServer::~TlsServer() = default;

Result<TlsServer> TlsServer::make(const TlsServerOptions& options) {
  OTTLA_TRY(Snapshot snapshot, TlsContext::for_server(options));
  return TlsServer(std::move(snapshot));
}

void TlsServer::use(Snapshot snapshot) {
  OTTLA_INVARIANT(snapshot != nullptr && snapshot->is_server(), "not a server's snapshot");
  snapshot_ = std::move(snapshot);
}

Task<Result<void>> TlsServer::reload(TlsServerOptions options) {
  OTTLA_CO_TRY(Snapshot snapshot,
               co_await offload(HelperKind::compute, [&options] { return TlsContext::for_server(options); }));
  use(std::move(snapshot));
  co_return Result<void>();
}

Task<Result<std::unique_ptr<TlsStream>>> TlsServer::accept(std::unique_ptr<Stream> stream, Cancel cancel) {
  return shake_hands(std::move(stream), HandshakePlan{snapshot_, pool_, {}, {}}, cancel);
}

}  // namespace ottla
