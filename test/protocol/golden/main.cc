// protocol_golden [--count N] [--seed N] [--only MESSAGE] [--version N]: compares our codecs with the reference's
// classes, which answer on standard input and output. `run` starts both.
#include <fmt/format.h>

#include <charconv>
#include <span>
#include <string_view>

#include "test/protocol/golden/frame.h"
#include "test/protocol/golden/parts.h"
#include "test/protocol/golden/reference.h"
#include "test/protocol/golden/report.h"
#include "test/protocol/golden/subject.h"

namespace ottla::golden {
namespace {

template <typename T>
T number(std::string_view name, std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    give_up(fmt::format("{} wants a number, not '{}'", name, text));
  return value;
}

Choice parse(std::span<char*> arguments) {
  Choice choice;
  for (std::size_t i = 0; i < arguments.size(); i += 2) {
    const std::string_view name = arguments[i];
    if (i + 1 == arguments.size()) give_up(fmt::format("{} wants a value", name));
    const std::string_view value = arguments[i + 1];
    if (name == "--count") {
      choice.count = number<std::int32_t>(name, value);
    } else if (name == "--seed") {
      choice.seed = number<std::uint64_t>(name, value);
    } else if (name == "--version") {
      choice.version = number<std::int16_t>(name, value);
    } else if (name == "--only") {
      choice.only = value;
    } else {
      give_up(fmt::format("'{}'? --count, --seed, --only and --version are known", name));
    }
  }
  if (choice.count < 1) give_up("--count wants at least 1");
  return choice;
}

bool run(const Choice& choice) {
  Reference reference;
  Report report;
  if (choice.subjects().empty()) give_up("there is no such message or version");
  if (choice.only.empty()) {
    compare_catalogs(reference, report);
    compare_headers(reference, report);
    compare_named_cases(reference, report);
    compare_planted(reference, report);
  }
  compare_single_fields(choice, reference, report);
  compare_from_reference(choice, reference, report);
  compare_to_reference(choice, reference, report);
  return report.close();
}

}  // namespace
}  // namespace ottla::golden

int main(int argc, char** argv) {
  const auto choice = ottla::golden::parse(std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
  return ottla::golden::run(choice) ? 0 : 1;
}
