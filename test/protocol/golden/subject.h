// One message in one version, and what is done with it on our side.
//
// Lifetime:    what is decoded lives until the workbench's next clear().
// Concurrency: one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/budget.h"
#include "base/result.h"
#include "protocol/json.h"
#include "protocol/schema.h"
#include "test/protocol/golden/frame.h"

namespace ottla::golden {

struct Subject {
  const protocol::MessageInfo* message;
  std::int16_t version;

  std::string name() const;
  // Of all its messages; another for each subject.
  std::uint64_t seed(std::uint64_t base) const;
};

struct Choice {
  std::string_view only;      // a message's name; empty: all
  std::int16_t version = -1;  // -1: all
  std::uint64_t seed = 1;
  std::int32_t count = 200;                        // of messages for each subject
  const protocol::MessageInfo* planted = nullptr;  // this message alone, which is not one of ours

  std::vector<Subject> subjects() const;
};

class Workbench {
 public:
  Workbench() : budget_("golden", std::size_t{256} << 20), arena_(budget_) {}

  Arena& arena() { return arena_; }
  void clear() { arena_.reset(); }
  // A structure with all defaults.
  std::byte* blank(const protocol::StructureInfo& structure);
  Result<const std::byte*> decode(const Subject& subject, ByteView bytes);

 private:
  Budget budget_;
  Arena arena_;
};

Result<std::string> encode(const Subject& subject, const std::byte* message);

std::string json_of(const Subject& subject, const std::byte* message, protocol::JsonStyle style);

// What a test says about two encodings that should be the same: where they part, and in which field that is.
std::string difference(const Subject& subject, ByteView expected, ByteView actual);
std::string hex(ByteView bytes);

}  // namespace ottla::golden
