// From a connected stream to a secure one: moves bytes, and lets helper threads compute.
//
// Concurrency: runs on the shard that owns the stream; between two steps the engine belongs to a helper.
// Memory:      before the first whole record of the peer only a small buffer exists; until the handshake is
//              done the peer may send kMaxHandshake bytes.
// Errors:      truncated, malformed (no TLS at all), too_large, tls_failed, cancelled, or what the stream
//              beneath gives. The stream beneath has been closed then.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/result.h"
#include "runtime/cancel.h"
#include "runtime/stream.h"
#include "runtime/task.h"
#include "runtime/tls/record_pool.h"
#include "runtime/tls/record_reader.h"
#include "runtime/tls/tls_context.h"
#include "runtime/tls/tls_stream.h"

namespace ottla {

inline constexpr std::size_t kMaxHandshake = 64 * 1024;

struct HandshakePlan {
  std::shared_ptr<const TlsContext> context;
  std::shared_ptr<RecordPool> pool;
  std::string server_name;  // the client's aim
  SessionSink sessions;     // the client's
};

Task<Result<std::unique_ptr<TlsStream>>> shake_hands(std::unique_ptr<Stream> beneath, HandshakePlan plan,
                                                     Cancel cancel);

}  // namespace ottla
