// The records that a new cluster begins with, before its first leader writes any of its own: metadata.version, the
// features that are finalised with it, and what formatting was told besides (credentials).
//
// Errors: invalid_argument when metadata.version is not among them; those of replay().
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "metadata/loader.h"
#include "metadata/metadata_version.h"

namespace ottla::metadata {

using FeatureLevels = std::map<std::string, std::int16_t, std::less<>>;

struct Bootstrap {
  MetadataVersion version;
  std::vector<std::string> records;  // as the log has them
};

// What a cluster that begins at that level finalises; kraft.version is the quorum's and not here.
FeatureLevels default_features(MetadataVersion version);

// Features of level zero are left out.
Bootstrap make_bootstrap(MetadataVersion version, const FeatureLevels& features);
// Records that were read; `source` names them for errors. The last metadata.version counts.
Result<Bootstrap> read_bootstrap(std::span<const RecordBytes> records, std::string_view source);

}  // namespace ottla::metadata
