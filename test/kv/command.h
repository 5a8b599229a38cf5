// What clients ask, what the store answers, and what stands in the replicated log.
//
// Keys and values are numbers: the store proves a seam, not a data model. A key's version counts its writes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/result.h"
#include "base/strong_id.h"

namespace ottla::kv {

using ClientId = StrongId<struct ClientIdTag, std::uint32_t>;
using Term = StrongId<struct TermTag, std::uint64_t>;
// The place of an entry in the log; the first one is 1, and 0 stands before it.
using Index = std::uint64_t;

constexpr Term next(Term term) {
  return Term(term.raw() + 1);
}

enum class Operation : std::uint8_t {
  no_op,  // a leader's first entry
  read,
  write,
  compare_and_set,  // writes if the key still has the expected version
};

struct Command {
  Operation operation = Operation::no_op;
  ClientId client;
  std::uint32_t sequence = 0;  // counts up in one client's life, from 1
  std::uint16_t key = 0;
  std::uint64_t expected_version = 0;
  std::uint64_t value = 0;
  friend bool operator==(const Command&, const Command&) = default;
};

struct Answer {
  bool done = false;          // false: compare_and_set met another version
  std::uint64_t version = 0;  // of the key, after the command; 0: never written
  std::uint64_t value = 0;
  friend bool operator==(const Answer&, const Answer&) = default;
};

struct Entry {
  Term term;
  Command command;
  friend bool operator==(const Entry&, const Entry&) = default;
};

// A client has at most this many unanswered commands, so the store remembers as many answers of each.
inline constexpr std::uint32_t kClientWindow = 64;

inline constexpr std::size_t kCommandSize = 1 + 4 + 4 + 2 + 8 + 8;
inline constexpr std::size_t kEntrySize = 8 + kCommandSize;

// Big-endian fields in the order of the structs, of a fixed size, so that they are stored in place.
void store_command(std::byte* at, const Command& command);
void store_entry(std::byte* at, const Entry& entry);
// malformed when the operation is none.
Result<Command> load_command(const std::byte* from);
Result<Entry> load_entry(const std::byte* from);

}  // namespace ottla::kv
