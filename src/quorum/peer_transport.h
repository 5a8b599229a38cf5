// How this replica asks others: one connection to each, made when it is needed and again after it broke.
//
// Lifetime:    close() must have ended before it is destroyed; nobody asks any more by then.
// Concurrency: confined to one shard. Requests to one peer follow each other on its connection.
// Versions:    the peer is asked first which it knows, once a connection.
// Errors:      those of the connection; malformed for what is no response; timed_out. After any of them the connection
//              is made anew.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/log.h"
#include "base/result.h"
#include "protocol/api.h"
#include "raft/transport.h"
#include "record/compression/codec_pool.h"
#include "rpc/client_connection.h"
#include "runtime/cancel.h"
#include "runtime/semaphore.h"
#include "runtime/task.h"

namespace ottla::quorum {

struct PeerTransportOptions {
  std::string cluster;
  std::string listener;
  std::string client_id;
  Duration request_timeout = std::chrono::seconds(2);
  std::size_t largest_reply = std::size_t{256} << 20;
};

class PeerTransport final : public raft::Transport {
 public:
  explicit PeerTransport(PeerTransportOptions options);
  ~PeerTransport() override;

  Task<Result<raft::Reply>> ask(raft::Destination to, raft::Request request, Cancel cancel) override;
  Task<void> close();

 private:
  struct VersionRange {
    std::int16_t least = 0;
    std::int16_t greatest = 0;
  };
  struct Peer {
    Semaphore turn{1};  // to connect, and to drop what is broken
    std::shared_ptr<rpc::ClientConnection> connection;
    std::map<std::int16_t, VersionRange> versions;  // by API
  };
  using PeerPtr = std::shared_ptr<Peer>;

  Task<Result<raft::Reply>> ask_peer(PeerPtr peer, raft::Destination to, const raft::Request& request,
                                     Cancel cancel);
  Task<Result<void>> connect(PeerPtr peer, raft::Destination to, Cancel cancel);
  Task<Result<void>> learn_versions(PeerPtr peer, Cancel cancel);
  Task<void> drop(PeerPtr peer);
  // The greatest that both know; unsupported when there is none.
  static Result<std::int16_t> version_for(const Peer& peer, const protocol::ApiInfo& api);

  const PeerTransportOptions options_;
  Logger logger_;
  record::CodecPool codecs_;
  std::map<std::string, PeerPtr> peers_;  // by address
};

}  // namespace ottla::quorum
