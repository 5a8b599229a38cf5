#include "test/kv/history.h"

#include <algorithm>
#include <utility>

#include "base/invariant.h"

namespace ottla::kv {

History::History(std::size_t clients, std::size_t keys, Violation violation)
    : clients_(clients), keys_(keys), violation_(std::move(violation)) {}

void History::asked(const Command& command) {
  std::vector<Asked>& asked = clients_[command.client.raw()];
  OTTLA_INVARIANT(command.sequence == asked.size() + 1, "sequences come in order", command.sequence);
  asked.push_back({command, keys_[command.key].newest, 0, false});
}

void History::answered(ClientId client, std::uint32_t sequence, const Answer& answer) {
  Asked& asked = clients_[client.raw()][sequence - 1];
  const Command& command = asked.command;
  if (std::exchange(asked.answered, true)) return fail(command, answer, "was answered twice");
  ++answered_;
  const bool conditional = command.operation == Operation::compare_and_set;
  const bool wrote = answer.done && command.operation != Operation::read;
  if (!answer.done && !conditional) fail(command, answer, "was refused without a condition");
  if (wrote && answer.value != command.value) fail(command, answer, "wrote another value");
  if (wrote && answer.version <= asked.newest) fail(command, answer, "wrote below what was known before");
  if (wrote && conditional && answer.version != command.expected_version + 1) {
    fail(command, answer, "wrote upon another version than expected");
  }
  if (!wrote && answer.version < asked.newest) fail(command, answer, "saw less than was known before");
  if (!wrote && conditional && answer.version == command.expected_version) {
    fail(command, answer, "was refused although its condition held");
  }
  bind(command, answer);
  Key& key = keys_[command.key];
  key.newest = std::max(key.newest, answer.version);
}

// The version and the value of an answer belong together, now and for ever.
void History::bind(const Command& command, const Answer& answer) {
  if (answer.version == 0) {
    if (answer.value != 0) fail(command, answer, "saw a value that has no version");
    return;
  }
  const std::size_t client = (answer.value >> 32) - 1;
  const std::size_t sequence = answer.value & 0xFFFFFFFFU;
  if (client >= clients_.size() || sequence == 0 || sequence > clients_[client].size()) {
    return fail(command, answer, "saw a value that nobody wrote");
  }
  Asked& writer = clients_[client][sequence - 1];
  if (writer.command.key != command.key || writer.command.operation == Operation::read) {
    return fail(command, answer, "saw a value that nobody wrote there");
  }
  if (writer.newest >= answer.version) fail(command, answer, "saw a write in the past of its asking");
  if (writer.version != 0 && writer.version != answer.version) {
    fail(command, answer,
         "saw a write under a second version, the first was " + std::to_string(writer.version));
  }
  writer.version = answer.version;
  Key& key = keys_[command.key];
  if (key.values.size() <= answer.version) key.values.resize(answer.version + 1);
  std::uint64_t& value = key.values[answer.version];
  if (value != 0 && value != answer.value) fail(command, answer, "saw a second value of one version");
  value = answer.value;
}

void History::fail(const Command& command, const Answer& answer, std::string what) {
  constexpr const char* kNames[] = {"no-op", "read", "write", "compare-and-set"};
  violation_("client " + command.client.to_string() + " command " + std::to_string(command.sequence) + " (" +
             kNames[static_cast<std::size_t>(command.operation)] + " of key " + std::to_string(command.key) +
             ") " + what + ": answered version " + std::to_string(answer.version) + " with value " +
             std::to_string(answer.value >> 32) + "/" + std::to_string(answer.value & 0xFFFFFFFFU));
}

}  // namespace ottla::kv
