// What a quota of a user, a client id or an address may be. Quotas travel as doubles whatever their type is.
//
// Errors: invalid_argument, in the words of the reference.
#pragma once

#include <string_view>

#include "base/result.h"
#include "config/key_table.h"

namespace ottla::config {

// `scope` is client_quota or ip_quota.
Result<> check_quota(Scope scope, std::string_view key, double value);

}  // namespace ottla::config
