// What Metadata answers, in all its versions.
//
// Use:         OTTLA_CHECK(describe_metadata({.viewpoint = …, .cluster_id = …, .draw = …}, request, version, arena, response));
// Lifetime:    the response points into the image, the request and the arena: all of them live until it is encoded.
// Concurrency: pure.
// Errors:      out_of_budget.
// Order:       ids that are unknown, then topics (of a request by name in its order, otherwise by id), then names that
//              are unknown; the reference's is that of hash tables.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/arena.h"
#include "base/result.h"
#include "metadata/describe/brokers.h"
#include "protocol/error_code.h"
#include "protocol/messages/metadata.h"

namespace ottla::metadata {

struct MetadataQuestion {
  const Viewpoint& viewpoint;
  std::string_view cluster_id;
  std::uint64_t draw = 0;  // any number; chooses the broker that stands for the controller
  // Told each name that was asked for and is not there, good names and bad ones, once; gives the error to answer.
  // Without it: missing_topic_error(). Who creates topics for clients listens here.
  std::function<protocol::ErrorCode(std::string_view name)> on_missing = {};
  // Whether whoever asks would have missing topics created; then they need the right to do so.
  bool creates = false;
};

// invalid_topic_exception or unknown_topic_or_partition.
protocol::ErrorCode missing_topic_error(std::string_view name);

Result<> describe_metadata(const MetadataQuestion& question, const protocol::MetadataRequest& request,
                           std::int16_t version, Arena& arena, protocol::MetadataResponse& response);

// The response that says of everything that was asked for that it failed.
Result<> refuse_metadata(const protocol::MetadataRequest& request, protocol::ErrorCode error, Arena& arena,
                         protocol::MetadataResponse& response);

}  // namespace ottla::metadata
