#include "test/kv/command.h"

#include "base/endian.h"

namespace ottla::kv {
namespace {

constexpr std::size_t kTermSize = 8;

template <typename T>
void put(std::byte*& at, T value) {
  store_big_endian(at, value);
  at += sizeof(T);
}
template <typename T>
T take(const std::byte*& from) {
  const T value = load_big_endian<T>(from);
  from += sizeof(T);
  return value;
}

}  // namespace

void store_command(std::byte* at, const Command& command) {
  put(at, static_cast<std::uint8_t>(command.operation));
  put(at, command.client.raw());
  put(at, command.sequence);
  put(at, command.key);
  put(at, command.expected_version);
  put(at, command.value);
}

void store_entry(std::byte* at, const Entry& entry) {
  put(at, entry.term.raw());
  store_command(at, entry.command);
}

Result<Command> load_command(const std::byte* from) {
  Command command;
  const auto operation = take<std::uint8_t>(from);
  if (operation > static_cast<std::uint8_t>(Operation::compare_and_set)) return Errc::malformed;
  command.operation = static_cast<Operation>(operation);
  command.client = ClientId(take<std::uint32_t>(from));
  command.sequence = take<std::uint32_t>(from);
  command.key = take<std::uint16_t>(from);
  command.expected_version = take<std::uint64_t>(from);
  command.value = take<std::uint64_t>(from);
  return command;
}

Result<Entry> load_entry(const std::byte* from) {
  OTTLA_TRY(Command command, load_command(from + kTermSize));
  return Entry{Term(load_big_endian<std::uint64_t>(from)), command};
}

}  // namespace ottla::kv
