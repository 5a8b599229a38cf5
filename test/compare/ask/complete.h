// Requests as people write them: JSON with the fields that matter. What a version does not have is left out, what is
// not said is the default. Record batches are texts (batch_text.h).
//
// Use:         OTTLA_TRY(std::string whole, complete(*api.request, text, version, arena));
// Lifetime:    the arena holds the parsed text.
// Errors:      malformed (not JSON), invalid_argument (a member that no version of the message has, or an array, object
//              or number where another kind is wanted), out_of_budget.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/result.h"
#include "protocol/schema.h"

namespace ottla::node_compare {

Result<std::string> complete(const protocol::MessageInfo& message, std::string_view text,
                             std::int16_t version, Arena& arena);

}  // namespace ottla::node_compare
