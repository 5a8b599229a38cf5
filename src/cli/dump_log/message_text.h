// A record of an internal topic, or a control record, as JSON: bytes in, text out, whatever message it is.
//
// Concurrency: confined to one shard.
// Errors:      those of protocol/codec.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/arena.h"
#include "base/budget.h"
#include "base/result.h"
#include "protocol/codec.h"
#include "protocol/record_codec.h"
#include "protocol/schema.h"

namespace ottla::cli {

class MessageText {
 public:
  // Secrets are shown: who may read the file may read them. The reference passes over bytes behind some messages.
  Result<std::string> json_of(const protocol::EncodedMessage& encoded, protocol::Rest rest);
  // Of a message whose first field is its own version.
  Result<std::string> json_of_self_versioned(const protocol::MessageInfo& message,
                                             std::span<const std::byte> bytes);

  // Empty again; for who decodes by itself.
  Arena& arena() {
    arena_.reset();
    return arena_;
  }

 private:
  // A few times what the largest record can hold.
  static constexpr std::size_t kMost = std::size_t{1} << 30;

  Budget budget_{"decoded records", kMost};
  Arena arena_{budget_};
};

}  // namespace ottla::cli
