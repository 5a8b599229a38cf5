// Which levels of features a cluster begins with, by what formatting was told.
//
// Concurrency: pure.
// Errors:      invalid_argument and unsupported, in the words of the reference.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/result.h"
#include "quorum/format.h"

namespace ottla::quorum {

Result<metadata::MetadataVersion> format_version(const FormatOptions& options);
// All features that there are, kraft.version among them and metadata.version not.
Result<std::map<std::string, std::int16_t, std::less<>>> format_features(const FormatOptions& options,
                                                                         metadata::MetadataVersion version);

}  // namespace ottla::quorum
