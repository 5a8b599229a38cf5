#include "cli/options/option_parser.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <limits>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/options/option_table.h"
#include "cli/options/parsed_options.h"
#include "cli/options/usage.h"

namespace ottla::cli {
namespace {

constexpr std::array kOptions = {
    Option{.name = "files",
           .argument = Argument::required,
           .placeholder = "file, …",
           .meaning = "What to read."},
    Option{.name = "deep"},
    Option{.name = "size", .argument = Argument::required, .fallback = "7"},
    Option{.name = "decoder", .argument = Argument::optional, .fallback = "text"},
    Option{.name = "topics", .alias = "t", .argument = Argument::required, .separator = ','},
    Option{.name = "a"},
    Option{.name = "b"},
};
constexpr OptionTable kTable = {.tool = "a-tool", .purpose = "Does something.", .options = kOptions};
constexpr OptionTable kAbbreviating = {.tool = "a-tool",
                                       .purpose = "Does something.",
                                       .options = kOptions,
                                       .abbreviations = Abbreviations::accepted};

// A command line, its words with blanks between; "''" is an empty one.
class Line {
 public:
  explicit Line(const std::string& line, const OptionTable& table = kTable) : parsed_(parse(line, table)) {}

  // "-" when it was not given, "+" when it was given without a value, else its values.
  std::string of(std::string_view name) const {
    if (!parsed_.ok()) return parsed_.error().to_string();
    if (!parsed_->has(name)) return "-";
    std::string text;
    for (const std::string_view value : parsed_->values(name)) text += std::string(value) + ";";
    return text.empty() ? "+" : text;
  }
  std::string error() const { return parsed_.ok() ? "none" : std::string(parsed_.error().text()); }
  const ParsedOptions& parsed() const { return *parsed_; }
  std::string operands() const {
    std::string text;
    for (const std::string& word : parsed_->operands()) text += word + ";";
    return text;
  }

 private:
  static Result<ParsedOptions> parse(const std::string& line, const OptionTable& table) {
    std::istringstream in(line);
    std::vector<std::string> words;
    for (std::string word; in >> word;) words.push_back(word == "''" ? "" : word);
    return parse_options(table, words);
  }

  Result<ParsedOptions> parsed_;
};

TEST(OptionParser, TakesAnArgumentBehindABlankOrAnEquals) {
  EXPECT_EQ(Line("--files x").of("files"), "x;");
  EXPECT_EQ(Line("--files=x=y").of("files"), "x=y;");
  EXPECT_EQ(Line("--files=").of("files"), ";");
  EXPECT_EQ(Line("--files ''").of("files"), ";");
  EXPECT_EQ(Line("--files --deep").of("files"), "--deep;");
}

TEST(OptionParser, TakesOneDashForTwo) {
  EXPECT_EQ(Line("-files x").of("files"), "x;");
  EXPECT_EQ(Line("-files=x").of("files"), "x;");
  EXPECT_EQ(Line("-deep").of("deep"), "+");
}

TEST(OptionParser, TakesLettersInARow) {
  EXPECT_EQ(Line("-ab").of("b"), "+");
  EXPECT_EQ(Line("-abtx,y").of("topics"), "x;y;");
  EXPECT_EQ(Line("-t x").of("topics"), "x;");
  EXPECT_EQ(Line("-axb").error(), "x is not a recognized option");
}

TEST(OptionParser, PassesOverAnArgumentThatNobodyWants) {
  EXPECT_EQ(Line("--deep=no").of("deep"), "+");
}

TEST(OptionParser, TakesAnOptionalArgumentUnlessItLooksLikeAnOption) {
  EXPECT_EQ(Line("--decoder x").of("decoder"), "x;");
  EXPECT_EQ(Line("--decoder --deep").of("decoder"), "text;");
  EXPECT_EQ(Line("--decoder").of("decoder"), "text;");
  EXPECT_EQ(Line("--decoder -").of("decoder"), "-;");
  EXPECT_EQ(Line("--decoder=").of("decoder"), ";");
  EXPECT_EQ(Line("--deep").of("decoder"), "-");
}

TEST(OptionParser, KeepsWhatIsRepeated) {
  EXPECT_EQ(Line("--files x --files y").of("files"), "x;y;");
  EXPECT_EQ(Line("--files x --files y").parsed().value("files").error().text(),
            "Found multiple arguments for option files, but you asked for only one");
  EXPECT_EQ(Line("--deep --deep").of("deep"), "+");
}

TEST(OptionParser, SplitsValuesWhereTheTableSaysSo) {
  EXPECT_EQ(Line("--topics x,y --topics ,z,").of("topics"), "x;y;z;");
  EXPECT_EQ(Line("--topics=").of("topics"), ";");
  EXPECT_EQ(Line("--topics=,,").of("topics"), ",,;");
  EXPECT_EQ(Line("--files x,y").of("files"), "x,y;");
}

TEST(OptionParser, LeavesOperandsAlone) {
  EXPECT_EQ(Line("x --deep y -").operands(), "x;y;-;");
  EXPECT_EQ(Line("--deep -- --files x").operands(), "--files;x;");
  EXPECT_EQ(Line("--deep -- --files x").of("files"), "-");
}

TEST(OptionParser, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(Line("--bogus").error(), "bogus is not a recognized option");
  EXPECT_EQ(Line("--bogus=1").error(), "bogus is not a recognized option");
  EXPECT_EQ(Line("-x").error(), "x is not a recognized option");
  EXPECT_EQ(Line("--file x").error(), "file is not a recognized option");
  EXPECT_EQ(Line("---deep").error(), "-deep is not a recognized option");
  EXPECT_EQ(Line("--files").error(), "Option files requires an argument");
}

TEST(OptionParser, CompletesAbbreviationsWhereTheToolDoes) {
  EXPECT_EQ(Line("--fi x", kAbbreviating).of("files"), "x;");
  EXPECT_EQ(Line("--de", kAbbreviating).error(), "de is not a recognized option");  // deep or decoder
  EXPECT_EQ(Line("--hel", kAbbreviating).of("help"), "+");
  EXPECT_EQ(Line("--t x", kAbbreviating).of("topics"), "x;");
}

TEST(OptionParser, ReadsNumbersAsJavaDoes) {
  EXPECT_EQ(*Line("--deep").parsed().int32("size"), 7);
  EXPECT_EQ(*Line("--size +5").parsed().int32("size"), 5);
  EXPECT_EQ(*Line("--size -2147483648").parsed().int32("size"), std::numeric_limits<std::int32_t>::min());
  EXPECT_EQ(*Line("--size 2147483648").parsed().int64("size"), 2147483648);
  for (const char* bad : {"2147483648", "x", "1x", "''", "+-1", "0x1", "1.0"}) {
    const Line line(std::string("--size ") + bad);
    EXPECT_FALSE(line.parsed().int32("size").ok()) << bad;
  }
  EXPECT_EQ(Line("--size x").parsed().int32("size").error().text(),
            "Cannot parse argument 'x' of option size");
}

TEST(Usage, NamesEveryOption) {
  const std::string text = usage(kTable);
  for (const Option& option : kOptions) EXPECT_NE(text.find(option.name), std::string::npos) << option.name;
  EXPECT_NE(text.find("--files <file, …>\n      What to read.\n"), std::string::npos) << text;
  EXPECT_NE(text.find("-t, --topics <value>"), std::string::npos) << text;
  EXPECT_NE(text.find("(default: 7)"), std::string::npos) << text;
}

TEST(EarlyEnd, HelpsAndFails) {
  constexpr std::array<std::string_view, 1> kRequired = {"files"};
  EXPECT_EQ(early_end(kTable, Line("").parsed(), false, kRequired)->code, 1);
  const auto help = early_end(kTable, Line("--files x --help --version").parsed(), true, kRequired);
  EXPECT_EQ(help->code, 1);
  EXPECT_TRUE(help->err.starts_with("Does something.\nusage: "));
  EXPECT_EQ(early_end(kTable, Line("--version").parsed(), true, kRequired)->code, 0);
  EXPECT_TRUE(early_end(kTable, Line("--deep").parsed(), true, kRequired)
                  ->err.starts_with("Missing required argument \"[files]\"\nusage: "));
  EXPECT_FALSE(early_end(kTable, Line("--files x").parsed(), true, kRequired).has_value());
}

}  // namespace
}  // namespace ottla::cli
