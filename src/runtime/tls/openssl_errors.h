// OpenSSL's error queue, made harmless, and its reasons in our words.
//
// The queue belongs to a thread and outlives an operation: what one connection left behind would be blamed on
// the next. Every call into OpenSSL therefore stands in an OpenSslCall.
//
// Concurrency: an OpenSslCall begins and ends on one thread, without a suspension between.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace ottla {

// The queue is empty when it begins and when it ends. The first one in the process sets the library up:
// what never speaks TLS never pays for it.
class OpenSslCall {
 public:
  OpenSslCall();
  OpenSslCall(const OpenSslCall&) = delete;
  OpenSslCall& operator=(const OpenSslCall&) = delete;
  ~OpenSslCall();

  // What the oldest error in the queue says, in words; "no reason given" when it is empty. Empties it.
  std::string reason();
  // The oldest error is `reason` of `library`; the queue stays as it is.
  bool failed_with(int library, int reason) const;
};

// "unknown_ca", as RFC 8446 writes it; "alert 77" for a number that it does not know.
std::string alert_name(int alert);

// What the peer meant by the alert that it sent: "the peer does not trust our certificate".
std::string_view alert_meaning(int alert);

}  // namespace ottla
