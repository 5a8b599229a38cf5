// What the keys of topics, groups and subscriptions to client metrics may say together.
//
// Errors: invalid_argument, in the words of the reference.
#pragma once

#include "base/result.h"
#include "config/node_config.h"

namespace ottla::config {

// `before` and `after` are all texts of the topic; `config` says what stands behind them.
Result<> check_topic(const Texts& before, const Texts& after, const NodeConfig& config);
// Values of a group stay between what the node's keys allow.
Result<> check_group(const Texts& after, const NodeConfig& config);
// unsupported: what the reference calls a wrong request, not a wrong configuration.
Result<> check_client_metrics(const Texts& after);

}  // namespace ottla::config
