#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "base/budget.h"
#include "base/chain.h"
#include "base/slice.h"
#include "protocol/codec.h"
#include "protocol/registry.h"
#include "protocol/schema.h"
#include "protocol/testing/every_message.h"
#include "protocol/testing/message_checker.h"
#include "test/protocol/corpus/corpus_file.h"

namespace ottla::protocol {
namespace {

class Corpus : public testing::Test {
 protected:
  static std::vector<CorpusLine> all_lines() {
    std::vector<CorpusLine> all;
    for (const auto& entry : std::filesystem::directory_iterator(kCorpusFolder)) {
      const auto lines = read_corpus_file(entry.path().string());
      EXPECT_TRUE(lines.ok()) << lines.error().to_string();
      if (lines.ok()) all.insert(all.end(), lines->begin(), lines->end());
    }
    return all;
  }
  // Empty, or what is not as it was when the line was written.
  std::string changed(const CorpusLine& line) {
    const MessageInfo* message = find_message(line.message);
    if (message == nullptr) return "there is no such message";
    arena_.reset();
    std::byte* data = new_message(*message, arena_);
    const auto bytes = std::as_bytes(std::span(line.bytes));
    const auto taken = decode(*message, {.bytes = bytes, .version = line.version}, &arena_, data);
    if (!taken.ok()) return taken.error().to_string();
    if (corpus_checksum(*message, line.version, data) != line.checksum)
      return "the bytes mean something else";
    const Encodable part(*message, data, line.version);
    const auto again = encode(std::span(&part, 1), Prefix::none);
    if (!again.ok()) return again.error().to_string();
    if (again->flatten().as_string_view() != line.bytes) return "it is written in other bytes";
    return checker_.check_bytes_at_length(*message, line.version, bytes);
  }

  MessageChecker checker_;
  Budget budget_{"test", std::size_t{16} << 20U};
  Arena arena_{budget_};
};

TEST_F(Corpus, MeansWhatItMeant) {
  const auto lines = all_lines();
  for (const CorpusLine& line : lines)
    EXPECT_EQ(changed(line), "") << line.message << " version " << line.version << "\n" << to_text(line);
  EXPECT_GT(lines.size(), 1000u);
}

TEST_F(Corpus, HoldsEveryMessageInEveryVersion) {
  std::set<std::pair<std::string, std::int16_t>> held;
  for (const CorpusLine& line : all_lines()) held.emplace(line.message, line.version);
  for_every_version([&](const MessageInfo& message, std::int16_t version) {
    EXPECT_TRUE(held.contains({message.name, version}))
        << message.name << " version " << version << " is missing: run protocol-corpus";
  });
}

TEST_F(Corpus, NoticesWhatChanges) {
  CorpusLine line{
      .message = "HeartbeatRequest", .version = 0, .bytes = std::string("\0\1a\0\0\0\2\0\1b", 10)};
  EXPECT_EQ(changed(line), "the bytes mean something else");
  line.bytes += 'x';
  EXPECT_THAT(changed(line), testing::HasSubstr("1 bytes behind its end"));
  line.message = "HeartbeatReply";
  EXPECT_EQ(changed(line), "there is no such message");
}

TEST_F(Corpus, LinesAreReadAsTheyAreWritten) {
  const CorpusLine line{.message = "A", .version = 3, .checksum = 0xabc, .bytes = "\n"};
  EXPECT_EQ(to_text(line), "A 3 00000abc 0a\n");
  EXPECT_EQ(parse_corpus_line(to_text(line))->bytes, "\n");
  EXPECT_EQ(parse_corpus_line("A 3 0 -")->bytes, "");
  for (const std::string_view bad : {"", "A 3 0", "A x 0 -", "A 3 g -", "A 3 0 0", "A 3 0 - -"})
    EXPECT_FALSE(parse_corpus_line(bad).ok()) << bad;
}

}  // namespace
}  // namespace ottla::protocol
