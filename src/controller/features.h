// Levels of features that the whole cluster has: how they change.
//
// Errors: as call.h: one feature that cannot change keeps all from changing. In the reference's words.
// Notes:  the first version's allowDowngrade means nothing, as there.
#pragma once

#include "base/arena.h"
#include "base/result.h"
#include "controller/call.h"
#include "controller/state.h"
#include "protocol/messages/update_features.h"

namespace ottla::controller {

ApiError update_features(const State& state, const protocol::UpdateFeaturesRequest& request, Call& call,
                         protocol::UpdateFeaturesResponse& response);

}  // namespace ottla::controller
