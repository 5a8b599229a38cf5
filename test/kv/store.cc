#include "test/kv/store.h"

#include "base/invariant.h"

namespace ottla::kv {

Store::Applied Store::apply(const Command& command) {
  if (command.operation == Operation::no_op) return {};
  OTTLA_INVARIANT(acceptable(command), "a command that no leader takes is in the log", command.client,
                  command.key);
  Remembered& slot = at(sessions_, command.client.raw())[command.sequence % std::tuple_size_v<Session>];
  const bool repetition = slot.sequence >= command.sequence;
  if (repetition && plant_ != Plant::ack_lost_dedup) return {slot.answer, true};
  slot = {command.sequence, execute(command)};
  return {slot.answer, repetition};
}

Answer Store::execute(const Command& command) {
  Value& value = at(values_, command.key);
  const bool writes =
      command.operation == Operation::write ||
      (command.operation == Operation::compare_and_set && command.expected_version == value.version);
  if (writes) value = {value.version + 1, command.value};
  return {command.operation == Operation::read || writes, value.version, value.value};
}

}  // namespace ottla::kv
