#include "cli/dump_log/dump_log.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/offset.h"
#include "base/result.h"
#include "base/slice.h"
#include "cli/output.h"
#include "cli/tool.h"
#include "record/batch_builder.h"
#include "record/control_record.h"
#include "record/record_view.h"
#include "runtime/process.h"
#include "runtime/shard.h"
#include "runtime/task.h"
#include "runtime/whole_file.h"
#include "sim/world.h"
#include "storage/format/index_entry.h"

namespace ottla::cli {
namespace {

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::string text(const Slice& slice) {
  return std::string(slice.as_string_view());
}

// A few files in a folder, and what the tool says of them.
class Folder {
 public:
  Folder& put(std::string name, std::string content) {
    files_[std::move(name)] = std::move(content);
    return *this;
  }

  struct Answer {
    std::string out;
    std::string err;
    int code = -1;
  };
  // "FILE" in a word is the path of the folder.
  Answer ask(const std::string& line) const {
    std::vector<std::string> words;
    std::istringstream in(line);
    for (std::string word; in >> word;) {
      if (const std::size_t at = word.find("FILE"); at != std::string::npos) word.replace(at, 4, "/data");
      words.push_back(word);
    }
    Answer answer;
    sim::World world(1);
    sim::Host& host = world.add_host("here");
    host.start([&](Process&, Cancel) { return run(answer, words); });
    EXPECT_TRUE(world.run_until([&] { return !host.running(); }, std::chrono::hours(1)));
    EXPECT_TRUE(world.violations().empty()) << world.violations().front();
    return answer;
  }
  std::string out(const std::string& line) const {
    const Answer answer = ask(line);
    EXPECT_EQ(answer.code, 0) << answer.err;
    return answer.out;
  }

 private:
  Task<int> run(Answer& answer, std::vector<std::string> words) const {
    FileSystem& files = Shard::current().files();
    static_cast<void>(co_await files.make_directories("/data"));
    for (const auto& [name, content] : files_) {
      EXPECT_TRUE((co_await replace_file(files, "/data/" + name, Slice::copy_of(content))).ok());
    }
    TextOutput out;
    TextOutput err;
    ToolContext context{.files = files, .out = out, .err = err, .working_directory = "/elsewhere"};
    answer.code = co_await dump_log(context, words);
    answer.out = out.text();
    answer.err = err.text();
    co_return 0;
  }

  std::map<std::string, std::string> files_;
};

std::string batch(std::int64_t offset, const std::vector<std::string>& values,
                  record::BatchOptions options = {}) {
  options.base_offset = Offset(offset);
  record::BatchBuilder builder(options);
  for (const std::string& value : values) builder.append({.timestamp = 1000, .value = bytes(value)});
  return text(std::move(builder).finish());
}

std::string odd_batch() {
  record::BatchBuilder builder({});
  const std::vector<record::HeaderView> headers = {{.key = "h", .value = bytes("\xFF")},
                                                   {.key = "n", .value = {}}};
  builder.append({.timestamp = 1, .key = bytes("k"), .value = bytes("a\"\xFF"), .headers = headers});
  return text(std::move(builder).finish());
}

std::string marker(bool committed) {
  return text(record::end_marker_batch({.offset = Offset(0), .producer_id = 7, .producer_epoch = 1},
                                       {.committed = committed, .coordinator_epoch = 3}));
}

constexpr const char* kLog = "00.log";

TEST(DumpLog, PrintsBatchesAndRecords) {
  const Folder folder = Folder().put(kLog, batch(0, {"x", "yy"}));
  const std::string shallow = folder.out("--files FILE/00.log");
  EXPECT_TRUE(
      shallow.starts_with("Dumping /data/00.log\nLog starting offset: 0\nbaseOffset: 0 lastOffset: 1 "))
      << shallow;
  EXPECT_NE(shallow.find(" deleteHorizonMs: OptionalLong.empty position: 0 CreateTime: 1000 size: "),
            std::string::npos);
  EXPECT_EQ(shallow.find('|'), std::string::npos);
  const std::string deep = folder.out("--files FILE/00.log --print-data-log");
  EXPECT_TRUE(
      deep.ends_with("| offset: 1 CreateTime: 1000 keySize: -1 valueSize: 2 sequence: -1 headerKeys: [] "
                     "payload: yy\n"))
      << deep;
}

TEST(DumpLog, PrintsJson) {
  const std::string out = Folder().put(kLog, odd_batch()).out("--files FILE/00.log --print-data-log -o json");
  EXPECT_TRUE(out.starts_with(R"({"type":"file","path":"/data/00.log"})"
                              "\n"
                              R"({"type":"segment","startOffset":0})"
                              "\n"
                              R"({"type":"batch","position":0,)"))
      << out;
  EXPECT_TRUE(
      out.ends_with(R"({"type":"record","offset":0,"timestamp":1,"keySize":1,"valueSize":3,"sequence":-1,)"
                    R"("headers":[{"key":"h","value":{"base64":"/w=="}},{"key":"n","value":null}],)"
                    R"("key":"k","payload":{"base64":"YSL/"}})"
                    "\n"))
      << out;
}

TEST(DumpLog, PrintsControlRecordsInBothForms) {
  const Folder folder = Folder().put(kLog, marker(false));
  EXPECT_TRUE(folder.out("--files FILE/00.log --deep-iteration")
                  .ends_with(" headerKeys: [] endTxnMarker: ABORT coordinatorEpoch: 3\n"));
  EXPECT_TRUE(folder.out("--files FILE/00.log --deep-iteration --output=json")
                  .ends_with(R"("headers":[],"control":{"type":0,"name":"ABORT","coordinatorEpoch":3}})"
                             "\n"));
}

TEST(DumpLog, TellsGapsAtTheEnd) {
  const Folder folder = Folder().put(kLog, batch(0, {"a"}) + batch(5, {"b"}));
  const auto text = folder.ask("--files FILE/00.log --deep-iteration");
  EXPECT_EQ(text.code, 0);
  EXPECT_EQ(text.err, "Non-consecutive offsets in /data/00.log\n  0 is followed by 5\n");
  EXPECT_TRUE(
      folder.out("--files FILE/00.log --deep-iteration -ojson")
          .ends_with(R"({"type":"disagreement","kind":"gap","path":"/data/00.log","before":0,"after":5})"
                     "\n"));
}

TEST(DumpLog, TellsBytesThatAreNoBatch) {
  const Folder folder = Folder().put(kLog, batch(0, {"a"}) + "abc");
  EXPECT_TRUE(folder.out("--files FILE/00.log").ends_with("Found 3 invalid bytes at the end of 00.log\n"));
  EXPECT_TRUE(folder.out("--files FILE/00.log -ojson")
                  .ends_with(R"({"type":"invalid-bytes","count":3})"
                             "\n"));
}

TEST(DumpLog, ComparesAnIndexWithItsLog) {
  std::string index(8, '\0');
  storage::store(reinterpret_cast<std::byte*>(index.data()),
                 storage::OffsetIndexEntry{.relative_offset = 2, .position = 0});
  const Folder folder = Folder().put(kLog, batch(0, {"a", "b"})).put("00.index", index);
  const auto answer = folder.ask("--files FILE/00.index");
  EXPECT_EQ(answer.out, "Dumping /data/00.index\noffset: 2 position: 0\n");
  EXPECT_EQ(answer.err, "Mismatches in :/data/00.index\n  Index offset: 2, log offset: 1\n");
}

TEST(DumpLog, EndsWithWhatIsWrong) {
  const std::string good = batch(0, {"a"});
  std::string broken = batch(1, {"b"});
  broken[record::kCountAt + 3] = 9;
  const Folder folder = Folder().put(kLog, good + broken).put("01.log", good + std::string(100, '\0'));
  auto answer = folder.ask("--files FILE/00.log --deep-iteration");
  EXPECT_EQ(answer.code, 1);
  EXPECT_EQ(answer.err, "/data/00.log: the batch at position " + std::to_string(good.size()) +
                            " with the offset 1: a batch that promises 9 records ends after 1\n");
  EXPECT_EQ(folder.ask("--files FILE/00.log").code, 0);
  answer = folder.ask("--files FILE/01.log");
  EXPECT_EQ(answer.code, 1);
  EXPECT_NE(answer.err.find("at position " + std::to_string(good.size())), std::string::npos) << answer.err;
}

TEST(DumpLog, RefusesCommandLinesThatItDoesNotUnderstand) {
  const Folder folder;
  EXPECT_EQ(folder.ask("--bogus").err,
            "bogus is not a recognized option\nottla dump-log --help lists the options\n");
  EXPECT_EQ(folder.ask("--files x.y -o xml").err,
            "--output xml: text or json\nottla dump-log --help lists the options\n");
  EXPECT_TRUE(folder.ask("--deep-iteration").err.starts_with("Missing required argument \"[files]\"\n"));
  EXPECT_EQ(folder.ask("").code, 1);
}

TEST(DumpLog, RefusesDecodersThatItDoesNotHave) {
  const auto answer =
      Folder().put(kLog, batch(0, {"a"})).ask("--files FILE/00.log --value-decoder-class com.Mine");
  EXPECT_EQ(answer.code, 1);
  EXPECT_NE(answer.err.find("com.Mine"), std::string::npos) << answer.err;
  EXPECT_NE(answer.err.find("LongDecoder"), std::string::npos) << answer.err;
}

TEST(DumpLog, ShowsBytesThatNobodyUnderstands) {
  const Folder folder = Folder().put(kLog, batch(0, {std::string("a\x01\xFF", 3)}));
  const std::string line =
      "--files FILE/00.log --value-decoder-class=org.apache.kafka.tools.api.DefaultDecoder";
  EXPECT_TRUE(folder.out(line).ends_with(" payload: 6101ff\n"));
  EXPECT_TRUE(folder.out(line + " -o json")
                  .ends_with(R"("payload":{"base64":"YQH/"}})"
                             "\n"));
}

TEST(DumpLog, NamesFilesThatAreMissing) {
  const auto answer = Folder().ask("--files FILE/07.log");
  EXPECT_EQ(answer.code, 1);
  EXPECT_NE(answer.err.find("/data/07.log"), std::string::npos) << answer.err;
  EXPECT_EQ(Folder().ask("--files FILE/07.what").err, "Ignoring unknown file /data/07.what\n");
}

// Takes one piece and then no more.
class FullOutput final : public Output {
 public:
  int pieces = 0;

 protected:
  Result<> put(std::string_view) override {
    ++pieces;
    return Errc::closed;
  }
};

TEST(Output, DropsWhatComesBehindAFailure) {
  FullOutput output;
  for (int i = 0; i < 100; ++i) output.write(std::string(100'000, 'x'));
  EXPECT_TRUE(output.failed());
  EXPECT_EQ(output.pieces, 1);
  EXPECT_EQ(output.flush().error().code(), Errc::closed);
}

}  // namespace
}  // namespace ottla::cli
