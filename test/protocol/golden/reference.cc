#include "test/protocol/golden/reference.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>

namespace ottla::golden {
namespace {

void write_all(const void* data, std::size_t size) {
  if (std::fwrite(data, 1, size, stdout) != size) give_up("the reference's end does not listen any more");
}

void read_all(void* data, std::size_t size) {
  if (std::fread(data, 1, size, stdin) != size)
    give_up("the reference's end is gone; its errors stand above");
}

}  // namespace

void Reference::ask(const Question& question) {
  const std::string& contents = question.contents();
  const auto size = static_cast<std::uint32_t>(contents.size());
  const std::array<unsigned char, 4> head = {
      static_cast<unsigned char>(size >> 24), static_cast<unsigned char>(size >> 16),
      static_cast<unsigned char>(size >> 8), static_cast<unsigned char>(size)};
  write_all(head.data(), head.size());
  write_all(contents.data(), contents.size());
  if (std::fflush(stdout) != 0) give_up("the reference's end does not listen any more");
}

Answer Reference::receive() {
  std::array<unsigned char, 4> head{};
  read_all(head.data(), head.size());
  const std::size_t size = std::size_t{head[0]} << 24 | std::size_t{head[1]} << 16 |
                           std::size_t{head[2]} << 8 | std::size_t{head[3]};
  std::string contents(size, '\0');
  read_all(contents.data(), size);
  Answer answer(std::move(contents));
  if (answer.byte() != 0) give_up(fmt::format("the reference's end could not answer: {}", answer.text()));
  return answer;
}

}  // namespace ottla::golden
