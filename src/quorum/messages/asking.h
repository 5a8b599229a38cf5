// The quorum's APIs as a client sees them: raft's request becomes a message of a version that the peer knows, the
// peer's response becomes raft's reply.
//
// Use:         OTTLA_TRY(protocol::Encodable message, make_request(request, terms, version, arena));
//              OTTLA_TRY(raft::Reply reply, read_response(api_of(request), version, frame, body, terms, arena, codecs));
// Lifetime:    a message refers to the request and the arena. A reply shares the frame, and copies the rest.
// Concurrency: pure, but for the codecs, which are confined to their shard.
// Errors:      unsupported, when the version cannot say it; out_of_budget; malformed and truncated for responses that are
//              none to such a request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "base/result.h"
#include "base/slice.h"
#include "protocol/api_key.h"
#include "protocol/codec.h"
#include "raft/message.h"
#include "record/compression/codec_pool.h"

namespace ottla::quorum {

struct AskingTerms {
  std::string_view cluster;
  std::string_view listener;  // on which voters talk to each other: what a response names is an address there
};

protocol::ApiKey api_of(const raft::Request& request);

Result<protocol::Encodable> make_request(const raft::Request& request, const AskingTerms& terms,
                                         std::int16_t version, Arena& arena);

struct ResponseBytes {
  Slice frame;
  std::size_t body = 0;  // where the response begins in it
  std::int16_t version = 0;
};
Result<raft::Reply> read_response(protocol::ApiKey api, const ResponseBytes& bytes, const AskingTerms& terms,
                                  Arena& arena, record::CodecPool& codecs);

}  // namespace ottla::quorum
