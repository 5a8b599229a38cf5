// fuzz: base runtime record cli
// Files of all kinds that dump-log takes, with any bytes in them and every decoder; both forms of output. What it
// prints as JSON is JSON.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/crc32c.h"
#include "base/endian.h"
#include "base/invariant.h"
#include "base/json_checker.h"
#include "cli/dump_log/dump_log.h"
#include "cli/output.h"
#include "cli/testing/memory_files.h"
#include "cli/tool.h"
#include "record/batch_layout.h"
#include "runtime/task.h"
#include "runtime/testing/manual_world.h"

namespace ottla::cli {
namespace {

constexpr std::array<std::string_view, 7> kSuffixes = {".log",       ".log",      ".checkpoint", ".index",
                                                       ".timeindex", ".txnindex", ".snapshot"};
constexpr std::array<const char*, 9> kDecoders = {
    "--deep-iteration",
    "--print-data-log",
    "--offsets-decoder",
    "--transaction-log-decoder",
    "--cluster-metadata-decoder",
    "--remote-log-metadata-decoder",
    "--share-group-state-decoder",
    "--value-decoder-class=org.apache.kafka.tools.api.LongDecoder",
    "--value-decoder-class=org.apache.kafka.tools.api.DefaultDecoder"};

// What the bytes say of themselves would stop most of them at the door: the first batch gets a length and a checksum
// that hold.
void mend(std::string& content) {
  const auto bytes = std::as_writable_bytes(std::span(content));
  if (bytes.size() < record::kRecordsAt) return;
  store_big_endian(bytes.data() + record::kLengthAt,
                   static_cast<std::int32_t>(bytes.size() - record::kLogOverhead));
  bytes[record::kMagicAt] = std::byte{2};
  store_big_endian(bytes.data() + record::kCrcAt, crc32c(bytes.subspan(record::kAttributesAt)));
}

void check_lines(std::string_view out) {
  while (!out.empty()) {
    const std::size_t end = out.find('\n');
    OTTLA_INVARIANT(end != std::string_view::npos, "a line without an end");
    OTTLA_INVARIANT(JsonChecker::valid(out.substr(0, end)), "a line that is not JSON");
    out.remove_prefix(end + 1);
  }
}

void dump(std::uint8_t choice, std::uint8_t options, std::string content) {
  const std::string_view suffix = kSuffixes[choice % kSuffixes.size()];
  if ((options & 0x10U) != 0) mend(content);
  MemoryFiles files;
  const std::string name = suffix == ".checkpoint" ? "00000000000000000007-0000000001" : "00";
  // An index finds what is behind its first bytes as its log.
  files.put(name + ".log", content.substr(content.size() / 4));
  files.put(name + ".index", content.substr(0, content.size() / 4));
  files.put(name + std::string(suffix), content);
  std::vector<std::string> words = {"--files", name + std::string(suffix),
                                    kDecoders[(options & 0x0FU) % kDecoders.size()]};
  const bool json = (options & 0x20U) != 0;
  if (json) words.emplace_back("--output=json");
  if ((options & 0x40U) != 0) words.emplace_back("--skip-record-metadata");
  if ((options & 0x80U) != 0) words.emplace_back("--index-sanity-check");
  TextOutput out;
  TextOutput err;
  ToolContext context{.files = files, .out = out, .err = err, .working_directory = {}};
  ManualWorld world;
  world.run([&]() -> Task<void> { static_cast<void>(co_await dump_log(context, words)); });
  if (json) check_lines(out.text());
}

}  // namespace
}  // namespace ottla::cli

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  ottla::cli::dump(data[0], data[1], std::string(reinterpret_cast<const char*>(data) + 2, size - 2));
  return 0;
}
