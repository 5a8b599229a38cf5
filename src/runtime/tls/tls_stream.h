// A stream whose bytes travel encrypted, and what both ends agreed on.
//
// Lifetime:    owns the stream beneath it; close() or abort() must have ended before it is destroyed.
// Concurrency: confined to its shard; at most one read and one write at a time, side by side.
// Errors:      end_of_stream only after the peer's close_notify: a connection that ends without it gives
//              Errc::truncated, since anyone on the way could have cut it. tls_failed with the reason and the
//              name of the alert. A write that was cancelled in its middle ends all later writes.
// Closing:     finish_writing() sends close_notify and half-closes what is beneath. close() does so too if it
//              can without waiting for a slow peer; abort() never does.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/clock.h"
#include "runtime/stream.h"
#include "runtime/tls/tls_options.h"

namespace ottla {

struct TlsPeerCertificate {
  std::string subject;  // as Java's X500Principal.getName() prints it: RFC 2253
  std::string issuer;
  std::string serial;  // hexadecimal, as many digits as it needs
  std::vector<std::string> dns_names;
  std::vector<std::string> ip_addresses;
  std::vector<std::string> uris;
  std::vector<std::string> emails;
  WallTime not_before;
  WallTime not_after;
  bool verified = false;  // a chain to a trusted certificate was found
};

struct TlsFacts {
  TlsVersion version = TlsVersion::tls1_3;
  std::string cipher;                      // by its IANA name
  std::string alpn;                        // empty when none was agreed
  std::string server_name;                 // what the client asked for; empty when it did not
  bool resumed = false;                    // an earlier session went on
  std::optional<TlsPeerCertificate> peer;  // empty when the peer showed none
};

class TlsStream : public Stream {
 public:
  using Stream::read;
  virtual const TlsFacts& facts() const = 0;
};

}  // namespace ottla
