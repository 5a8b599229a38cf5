// One end of one TLS connection, without any I/O: ciphertext in and out through windows of memory, plaintext
// through calls.
//
// Lifetime:    holds the context that it began with.
// Concurrency: used by one thread at a time. handshake() is long (signatures) and runs on a helper thread
//              while the shard that owns the engine leaves it alone; all else is short and runs on the shard.
// Invariants:  1. after an error nothing but pending output may be asked of it
//              2. without a window of the caller's, what OpenSSL answers by itself (alerts, key updates) goes
//                 to a small one of the engine's own
// Errors:      tls_failed with the reason and the alert; end_of_stream after the peer's close_notify.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/clock.h"
#include "runtime/tls/byte_bio.h"
#include "runtime/tls/session_cache.h"
#include "runtime/tls/tls_context.h"
#include "runtime/tls/tls_stream.h"

struct ssl_ctx_st;
struct ssl_st;
struct x509_store_ctx_st;

namespace ottla {

class OpenSslCall;

class TlsEngine {
 public:
  static constexpr std::size_t kMaxPlaintext = 16 * 1024;
  // What one record can become, with a key update before it.
  static constexpr std::size_t kMaxRecord = kMaxPlaintext + 512;

  enum class Need : std::uint8_t { nothing, input, output };
  struct Step {
    std::size_t bytes = 0;
    Need need = Need::nothing;
  };

  // `server_name` and `session` are the client's. Certificates are judged as of `now`.
  static Result<std::unique_ptr<TlsEngine>> make(std::shared_ptr<const TlsContext> context,
                                                 const std::string& server_name, SessionPtr session,
                                                 WallTime now);
  // Installs the engine's callbacks.
  static void prepare(ssl_ctx_st* context);
  TlsEngine(const TlsEngine&) = delete;
  TlsEngine& operator=(const TlsEngine&) = delete;
  ~TlsEngine();

  // --- Windows
  // ----------------------------------------------------------------------------------------------
  void set_input(std::span<const std::byte> bytes) { bytes_.input = bytes; }
  std::span<const std::byte> input() const { return bytes_.input; }
  // Output goes on in `window`, behind what is pending; window.size() >= 1024.
  void attach_output(std::span<std::byte> window);
  std::span<const std::byte> pending_output() const { return bytes_.output.first(bytes_.output_size); }
  std::size_t output_room() const { return bytes_.output.size() - bytes_.output_size; }
  // Forgets what was pending, and the caller's window.
  void detach_output();

  // --- Steps
  // ------------------------------------------------------------------------------------------------
  // Need::nothing when the handshake is done.
  Result<Need> handshake();
  // Of what both ends agreed on, once the handshake is done.
  TlsFacts facts();
  // One record of up to kMaxPlaintext bytes; never less than all of it unless output is needed.
  Result<Step> encrypt(std::span<const std::byte> plaintext);
  // Whatever plaintext the input gives, into `into`; 0 bytes together with what is needed.
  Result<Step> decrypt(std::span<std::byte> into);
  // bytes > 0 when decrypt() would give some.
  Result<Step> peek();
  // Puts close_notify into the output.
  void finish();
  // Sessions that the peer has offered for resumption.
  std::vector<SessionPtr> take_sessions() { return std::move(sessions_); }
  // Gives back OpenSSL's record buffers until there is something to do.
  void release_idle_memory();

 private:
  explicit TlsEngine(std::shared_ptr<const TlsContext> context) : context_(std::move(context)) {}
  Result<void> aim_at(const std::string& server_name, SessionPtr session);
  Error failure(OpenSslCall& call, const char* doing);
  Result<Step> after_read(int outcome, std::size_t bytes, OpenSslCall& call);
  static void note_event(const ssl_st* ssl, int where, int value);
  static int note_session(ssl_st* ssl, ssl_session_st* session);
  static int note_verification(int accepted, x509_store_ctx_st* verification);

  std::shared_ptr<const TlsContext> context_;
  ssl_st* ssl_ = nullptr;
  ByteBio bytes_;
  std::array<std::byte, 512> own_output_;
  std::vector<SessionPtr> sessions_;
  std::string refused_certificate_;  // why verification failed, in words
  int sent_alert_ = -1;
  std::uint64_t records_left_ = 0;  // until the sending key is renewed
};

}  // namespace ottla
