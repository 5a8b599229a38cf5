// Up to which offset two copies of a log are the same, by their leader epochs alone.
//
// An epoch has one leader, and that one writes each offset once: where two copies have a record of the same epoch, they
// are the same up to there.
//
// Concurrency: pure.
#pragma once

#include <optional>

#include "base/offset.h"
#include "storage/leader_epochs.h"

namespace ottla::storage {

struct CopyView {
  const LeaderEpochs& epochs;
  Offset end;
};

// Nothing when one of them knows no epochs, so that this cannot tell.
std::optional<Offset> common_end(const CopyView& one, const CopyView& other);

}  // namespace ottla::storage
