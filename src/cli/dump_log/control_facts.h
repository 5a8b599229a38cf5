// What a control record says.
//
// Errors: malformed and truncated. A type that a later version invented is not an error.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "base/result.h"
#include "cli/dump_log/message_text.h"
#include "cli/dump_log/report.h"

namespace ottla::cli {

Result<ControlFacts> control_facts(MessageText& texts, std::optional<std::span<const std::byte>> key,
                                   std::optional<std::span<const std::byte>> value);

}  // namespace ottla::cli
