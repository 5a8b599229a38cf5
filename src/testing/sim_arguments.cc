#include "testing/sim_arguments.h"

#include <algorithm>
#include <charconv>

namespace ottla::testing {
namespace {

Result<std::uint64_t> parse_number(const std::string& option, std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size() && !text.empty()) return value;
  return Error(Errc::invalid_argument, option + " wants a number, not '" + std::string(text) + "'");
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

Result<void> take_value(SimArguments& arguments, const std::string& option, const std::string& value) {
  if (option == "--world") {
    arguments.world = value;
  } else if (option == "--plant") {
    arguments.planted_bug = value;
  } else if (option == "--calm") {
    arguments.calmed = split(value);
  } else if (option == "--without") {
    for (const std::string& part : split(value)) {
      OTTLA_TRY(const std::uint64_t index, parse_number(option, part));
      arguments.left_out.push_back(index);
    }
  } else {
    OTTLA_TRY(const std::uint64_t number, parse_number(option, value));
    if (option == "--seed") arguments.seed = number;
    if (option == "--seeds") arguments.seeds = number;
    if (option == "--first") arguments.first = number;
    if (option == "--jobs") arguments.jobs = number;
  }
  return {};
}

bool wants_value(const std::string& option) {
  for (const char* known :
       {"--world", "--plant", "--calm", "--without", "--seed", "--seeds", "--first", "--jobs"}) {
    if (option == known) return true;
  }
  return false;
}

}  // namespace

std::string_view SimArguments::usage() {
  return "ottla-sim [--world W] --seed S [--trace] [--plant BUG] [--without 0,2] [--calm short-reads]\n"
         "    replays one seed; --trace prints every step; --without leaves faults out, --calm switches off\n"
         "    short-reads, split-sends or latency-tails\n"
         "ottla-sim [--world W] --seeds N [--first S] [--jobs J] [--plant BUG] [--no-shrink]\n"
         "    runs N seeds from S on; a failing one is shrunk before it is reported\n"
         "ottla-sim --list\n"
         "    lists worlds and the bugs that can be planted in them\n";
}

Result<SimArguments> SimArguments::parse(const std::vector<std::string>& words) {
  SimArguments arguments;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (wants_value(word)) {
      if (i + 1 == words.size()) return Error(Errc::invalid_argument, word + " wants a value");
      OTTLA_CHECK(take_value(arguments, word, words[++i]));
    } else if (word == "--trace") {
      arguments.trace = true;
    } else if (word == "--list") {
      arguments.list = true;
    } else if (word == "--no-shrink") {
      arguments.shrinks = false;
    } else if (word == "--help") {
      arguments.help = true;
    } else {
      return Error(Errc::invalid_argument, "unknown argument '" + word + "'");
    }
  }
  return arguments;
}

}  // namespace ottla::testing
