#include "runtime/tls/tls_client.h"

#include <utility>

#include "runtime/offload.h"
#include "runtime/tls/handshake.h"
#include "runtime/tls/session_cache.h"

namespace ottla {

TlsClient::TlsClient(Snapshot snapshot)
    : snapshot_(std::move(snapshot)),
      sessions_(std::make_shared<SessionCache>()),
      pool_(std::make_shared<RecordPool>()) {
  OTTLA_INVARIANT(snapshot_ != nullptr && !snapshot_->is_server(), "not a client's snapshot");
}
TlsClient::TlsClient(TlsClient&&) noexcept = default;
TlsClient& TlsClient::operator=(TlsClient&&) noexcept = default;
TlsClient::~TlsClient() = default;

Result<TlsClient> TlsClient::make(const TlsClientOptions& options) {
  OTTLA_TRY(Snapshot snapshot, TlsContext::for_client(options));
  return TlsClient(std::move(snapshot));
}

void TlsClient::use(Snapshot snapshot) {
  OTTLA_INVARIANT(snapshot != nullptr && !snapshot->is_server(), "not a client's snapshot");
  snapshot_ = std::move(snapshot);
  sessions_ = std::make_shared<SessionCache>();
}

Task<Result<void>> TlsClient::reload(TlsClientOptions options) {
  OTTLA_CO_TRY(Snapshot snapshot,
               co_await offload(HelperKind::compute, [&options] { return TlsContext::for_client(options); }));
  use(std::move(snapshot));
  co_return Result<void>();
}

Task<Result<std::unique_ptr<TlsStream>>> TlsClient::connect(std::unique_ptr<Stream> stream,
                                                            std::string server_name, Cancel cancel) {
  std::string server = server_name + ':' + std::to_string(stream->peer_address().port());
  SessionSink sink{snapshot_->resumption() ? sessions_ : nullptr, std::move(server)};
  return shake_hands(std::move(stream),
                     HandshakePlan{snapshot_, pool_, std::move(server_name), std::move(sink)}, cancel);
}

}  // namespace ottla
