// An image as records: a snapshot of it at a level of metadata.version, which may be lower than its own.
//
// Use:         OTTLA_CHECK(write_records(image, {.version = …}, sink));
// Order:       features first (metadata.version before all), then brokers, controllers, topics with their partitions,
//              configurations, quotas, producer ids, access rules, credentials, tokens; each ascending by its key. A
//              record needs nothing that comes after it.
// Invariants:  replayed at the same level by an empty image, the records make an image of the same contents, but for
//              eligible replicas where that feature is off.
// Errors:      invalid_argument when the image has no metadata.version; those of the sink.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "metadata/image.h"
#include "metadata/metadata_version.h"
#include "protocol/codec.h"

namespace ottla::metadata {

// Takes the records one by one. What a record refers to is good until the call returns.
using RecordSink = std::function<Result<>(const protocol::Encodable& record)>;

struct WriterOptions {
  // The image's own when there is none.
  std::optional<MetadataVersion> version = {};
  std::optional<bool> elr_enabled = {};
  // Called with what the version cannot say and the records leave out, as the reference names it. Without it that is
  // an error (invalid_argument).
  std::function<void(std::string_view what)> on_loss = {};
};

Result<> write_records(const MetadataImage& image, const WriterOptions& options, const RecordSink& sink);

}  // namespace ottla::metadata
