// What a controller writes when it begins to lead: a new cluster's first records, or that a transaction which its
// predecessor had begun is off. Pure.
//
// Errors: unsupported when a transaction was begun at a metadata.version that has none; those of replay().
#pragma once

#include "base/result.h"
#include "controller/controller_options.h"
#include "controller/record_list.h"
#include "metadata/image.h"

namespace ottla::controller {

struct Activation {
  RecordList records;
  bool in_parts = false;  // a transaction holds them together
};

Result<Activation> activation_records(const ControllerOptions& options, const metadata::MetadataImage& image,
                                      bool in_transaction);

}  // namespace ottla::controller
