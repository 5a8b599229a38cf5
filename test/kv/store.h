// The replicated state: keys with versions, and what each client was answered. Only apply() changes it, so
// that nodes which applied the same entries are equal.
//
// Invariants: a (client, sequence) is executed once; a repetition gets the first answer
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "test/kv/command.h"
#include "test/kv/plant.h"

namespace ottla::kv {

class Store {
 public:
  explicit Store(Plant plant) : plant_(plant) {}

  struct Applied {
    Answer answer;
    bool repetition = false;
  };
  Applied apply(const Command& command);

 private:
  struct Value {
    std::uint64_t version = 0;
    std::uint64_t value = 0;
  };
  // A slot is taken over by the next sequence that falls into it, whose existence proves that the client has
  // received the answer that stood there.
  struct Remembered {
    std::uint32_t sequence = 0;
    Answer answer;
  };
  using Session = std::array<Remembered, kClientWindow>;

  Answer execute(const Command& command);
  template <typename T>
  static T& at(std::vector<T>& values, std::size_t index) {
    if (index >= values.size()) values.resize(index + 1);
    return values[index];
  }

  Plant plant_;
  std::vector<Value> values_;      // indexed by key
  std::vector<Session> sessions_;  // indexed by client
};

// Clients and keys are small numbers: what a peer claims beyond is refused before it reaches the log.
inline constexpr std::uint32_t kMaxClients = 64;
inline constexpr std::uint16_t kMaxKeys = 1024;

inline bool acceptable(const Command& command) {
  return command.client.raw() < kMaxClients && command.key < kMaxKeys && command.sequence > 0 &&
         command.operation != Operation::no_op;
}

}  // namespace ottla::kv
