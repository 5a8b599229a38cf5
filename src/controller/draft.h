// What a handler has decided so far: records, and the image that they would make. So that what a request asks twice, or
// in several steps, builds on what came before.
//
// Use:         Draft draft(state, call.records);   draft.add(record, version);   draft.image() has it.
// Lifetime:    one call of a handler.
// Cost:        the image shares what does not change.
#pragma once

#include <cstdint>

#include "base/invariant.h"
#include "controller/record_list.h"
#include "controller/state.h"
#include "metadata/image.h"
#include "metadata/replay.h"
#include "protocol/message.h"

namespace ottla::controller {

class Draft {
 public:
  Draft(const State& state, RecordList& records)
      : options_(state.options()), image_(state.image()), records_(records) {}
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

  const ControllerOptions& options() const { return options_; }
  const metadata::MetadataImage& image() const { return image_; }
  metadata::MetadataVersion version() const {
    return image_.features.metadata_version.value_or(metadata::kOldestMetadataVersion);
  }
  bool elr_enabled() const { return image_.features.elr_enabled(); }
  std::size_t records() const { return records_.size(); }

  template <protocol::Message T>
  void add(const T& record, std::int16_t record_version) {
    records_.add(record, record_version);
    const Result<> replayed = metadata::replay(image_, record);
    OTTLA_INVARIANT(replayed.ok(), "a handler wrote a record that the metadata refuses", replayed.error());
  }

 private:
  const ControllerOptions& options_;
  metadata::MetadataImage image_;
  RecordList& records_;
};

}  // namespace ottla::controller
