// What clients saw, checked as it comes: are their operations linearizable, one key at a time?
//
// Every write carries a value of its own (client, sequence), and every answer names the version of its key.
// Versions order the writes of a key, and a read belongs behind the write whose version it saw; what remains to
// check is that this order agrees with real time, and that one version is one write and the reverse:
//   1. an answer's version is not below any version of its key that was answered before it was asked,
//      and above it if it wrote
//   2. a version has one value, and a value one version
//   3. a value was asked to be written before it is seen, and at that time its version had not been passed
// Each check is O(1). What was never answered may or may not have happened.
//
// Concurrency: clients of one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "test/kv/command.h"
#include "test/kv/store.h"

namespace ottla::kv {

class History {
 public:
  using Violation = std::function<void(std::string)>;
  History(std::size_t clients, std::size_t keys, Violation violation);

  // The value that makes this write different from all others.
  static std::uint64_t value_of(ClientId client, std::uint32_t sequence) {
    return (std::uint64_t{client.raw() + 1} << 32) | sequence;
  }

  // Sequences of one client come in order, from 1.
  void asked(const Command& command);
  void answered(ClientId client, std::uint32_t sequence, const Answer& answer);

  std::uint64_t answered_count() const { return answered_; }
  // The newest version of a key that anybody was told of.
  std::uint64_t newest(std::uint16_t key) const { return keys_[key].newest; }

 private:
  struct Asked {
    Command command;
    std::uint64_t newest = 0;   // of its key, when it was asked
    std::uint64_t version = 0;  // that its value was seen under
    bool answered = false;
  };
  struct Key {
    std::uint64_t newest = 0;
    std::vector<std::uint64_t> values;  // by version; 0: not seen
  };

  void bind(const Command& command, const Answer& answer);
  void fail(const Command& command, const Answer& answer, std::string what);

  std::vector<std::vector<Asked>> clients_;  // by client, then by sequence - 1
  std::vector<Key> keys_;
  Violation violation_;
  std::uint64_t answered_ = 0;
};

}  // namespace ottla::kv
