// fuzz: base raft
// Any bytes as the file quorum-state. What can be read, written again, reads the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/invariant.h"
#include "raft/quorum_state_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ottla::raft;
  const auto state = parse_quorum_state({reinterpret_cast<const char*>(data), size}, "file");
  if (!state.ok()) return 0;
  const auto again = parse_quorum_state(encode_quorum_state(*state, 1), "file");
  OTTLA_INVARIANT(again.ok() && *again == *state, "a vote changed");
  return 0;
}
