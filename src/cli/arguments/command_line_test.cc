#include "cli/arguments/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <sstream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cli/arguments/argument_table.h"
#include "cli/arguments/command_usage.h"
#include "sim/world.h"

namespace ottla::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::array kWrite = {
    CommandArgument{.name = "file", .letter = 'f', .required = true},
    CommandArgument{.name = "tag", .letter = 't', .kind = ArgumentKind::values},
    CommandArgument{.name = "force", .letter = 'o', .kind = ArgumentKind::flag},
    CommandArgument{
        .name = "front", .letter = 'F', .kind = ArgumentKind::flag, .excludes = Excludes::its_kind},
    CommandArgument{.name = "back", .letter = 'b', .excludes = Excludes::its_kind},
};
constexpr std::array kCommands = {Command{.name = "write", .meaning = "Writes.", .arguments = kWrite},
                                  Command{.name = "wipe", .meaning = "Wipes.", .arguments = {}}};
constexpr CommandTable kTable = {.program = "a-tool", .purpose = "Does things.", .commands = kCommands};

std::vector<Word> words_of(const std::string& line) {
  std::istringstream in(line);
  std::vector<Word> words;
  for (std::string word; in >> word;) words.push_back({.text = word == "''" ? "" : word});
  return words;
}

// What one argument became: its values, or how it ended.
std::string of(const std::string& line, std::string_view name) {
  const auto parsed = parse_command_line(kTable, words_of(line));
  if (const auto* end = std::get_if<CommandLineEnd>(&parsed)) return end->err;
  std::string text;
  for (const std::string_view each : std::get<CommandLine>(parsed).values(name))
    text += std::string(each) + ";";
  return text;
}

std::string error(const std::string& line) {
  const auto parsed = parse_command_line(kTable, words_of(line));
  const auto* end = std::get_if<CommandLineEnd>(&parsed);
  if (end == nullptr) return "none";
  const std::size_t at = end->err.find("error: ");
  return at == std::string::npos ? "no error" : end->err.substr(at + 7);
}

TEST(CommandLine, TakesValuesInEachForm) {
  EXPECT_EQ(of("write --file x", "file"), "x;");
  EXPECT_EQ(of("write --file=x=y", "file"), "x=y;");
  EXPECT_EQ(of("write -fx", "file"), "x;");
  EXPECT_EQ(of("write -f=x", "file"), "x;");
  EXPECT_EQ(of("write -f x -t 1 --tag=2", "tag"), "1;2;");
  EXPECT_EQ(of("write -f -1", "file"), "-1;");
  EXPECT_EQ(of("write -f -", "file"), "-;");
}

TEST(CommandLine, TakesLettersInARow) {
  EXPECT_EQ(of("write -oFfx", "file"), "x;");
  EXPECT_EQ(of("write -oFfx", "force"), ";");
  EXPECT_EQ(error("write -oxf"), "unrecognized arguments: '-oxf'\n");
  EXPECT_EQ(error("write -o=1"), "argument --force/-o: ignore implicit argument '1'\n");
}

TEST(CommandLine, TakesWhatIsCutShortWhileItIsTheOnlyOne) {
  EXPECT_EQ(of("wr --fil x", "file"), "x;");
  EXPECT_EQ(error("write --f x"), "ambiguous option: --f could match --file, --force, --front\n");
  EXPECT_EQ(error("w"), "ambiguous command: w could match wipe, write\n");
}

TEST(CommandLine, KnowsNoValueThatLooksLikeAnOption) {
  EXPECT_EQ(error("write --file --force"), "argument --file/-f: expected one argument\n");
  EXPECT_EQ(error("write --file"), "argument --file/-f: expected one argument\n");
  EXPECT_EQ(error("write --file -1.5"), "argument --file/-f: expected one argument\n");
}

TEST(CommandLine, LetsOneOfAKindStandAlone) {
  EXPECT_EQ(error("write -f x -F -b 1"), "argument --back/-b: not allowed with argument --front/-F\n");
  EXPECT_EQ(of("write -f x -F -F", "front"), ";;");
}

TEST(CommandLine, RefusesWhatNobodyWants) {
  EXPECT_EQ(error("write"), "argument --file/-f is required\n");
  EXPECT_EQ(error("write -f x y -z"), "unrecognized arguments: 'y -z'\n");
  EXPECT_EQ(error("wipe -- x"), "unrecognized arguments: 'x'\n");
  EXPECT_EQ(error("wipe --"), "none");
  EXPECT_EQ(error("--frob wipe"), "unrecognized arguments: '--frob'\n");
  EXPECT_EQ(error(""), "too few arguments\n");
  EXPECT_EQ(error("''"), "invalid choice: '' (choose from 'write', 'wipe')\n");
}

TEST(CommandLine, HelpsWhereverItIsAsked) {
  for (const std::string line : {"-h", "--he", "write -h", "write -oh", "write -f x --help", "wipe -hx"}) {
    const auto parsed = parse_command_line(kTable, words_of(line));
    const auto* end = std::get_if<CommandLineEnd>(&parsed);
    ASSERT_NE(end, nullptr) << line;
    EXPECT_EQ(end->code, 0) << line;
    EXPECT_THAT(end->out, StartsWith("usage: a-tool")) << line;
  }
}

TEST(CommandLine, BreaksItsUsageBetweenArguments) {
  EXPECT_EQ(usage_of(kTable, kCommands[0]),
            "usage: a-tool write [-h] --file FILE [--tag TAG] [--force] [--front |\n"
            "              --back BACK]\n");
  EXPECT_THAT(help_of(kTable), HasSubstr("\n    wipe                 Wipes.\n"));
}

TEST(CommandLine, ReadsWordsFromFiles) {
  sim::World world(1, {});
  sim::Host& host = world.add_host("a");
  std::vector<Word> words;
  host.start([&](Process&, Cancel) -> Task<int> {
    FileSystem& files = this_shard().files();
    const auto put = [&files](std::string path, std::string_view text) -> Task<void> {
      auto file = (co_await files.open(path, kOpenOrCreate)).value();
      (void)co_await file->append(Chain(Slice::copy_of(text)));
      co_await file->close();
    };
    co_await put("/w", "write\r\n-f\n@/x\n");
    co_await put("/x", "y");
    co_await put("/self", "@/self\n");
    words = co_await expand_files(files, {"@/w", "@/none", "@", "@/self"});
    co_return 0;
  });
  world.run_until([&] { return !host.running(); }, std::chrono::seconds(10));
  std::string text;
  for (const Word& each : words)
    text += each.text + (each.from_file ? "<" : "") + (each.is_unreadable ? "!" : "") + " ";
  EXPECT_EQ(text, "write< -f< y< @/none! @ @/self<! ");
}

}  // namespace
}  // namespace ottla::cli
