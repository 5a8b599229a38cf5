#include "test/storage/codecs/reference.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <span>

#include "base/endian.h"

namespace ottla::codecs {
namespace {

void append(std::string& to, std::int32_t number) {
  std::array<std::byte, 4> bytes{};
  store_big_endian(bytes.data(), number);
  to.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

void read_all(void* data, std::size_t size) {
  if (std::fread(data, 1, size, stdin) != size)
    give_up("the reference's end is gone; its errors stand above");
}

}  // namespace

void give_up(std::string_view why) {
  fmt::print(stderr, "storage-codecs: {}\n0 passed, 1 failed\n", why);
  std::exit(1);
}

void Reference::ask(const Question& question) {
  std::string head;
  append(head, static_cast<std::int32_t>(6 + question.bytes.size()));
  head += question.letter;
  head += static_cast<char>(question.compression);
  append(head, question.number);
  for (const std::string_view part : {std::string_view(head), question.bytes}) {
    if (std::fwrite(part.data(), 1, part.size(), stdout) != part.size())
      give_up("the reference's end does not listen any more");
  }
}

Answer Reference::receive() {
  if (std::fflush(stdout) != 0) give_up("the reference's end does not listen any more");
  std::array<std::byte, 4> head{};
  read_all(head.data(), head.size());
  std::string text(load_big_endian<std::uint32_t>(head.data()), '\0');
  read_all(text.data(), text.size());
  if (text.empty()) give_up("an answer of the reference's end is empty");
  return {.verdict = static_cast<Answer::Verdict>(text.front()), .text = text.substr(1)};
}

}  // namespace ottla::codecs
