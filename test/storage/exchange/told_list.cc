#include "test/storage/exchange/told_list.h"

#include <charconv>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/chain.h"
#include "base/slice.h"
#include "runtime/shard.h"
#include "runtime/whole_file.h"
#include "test/storage/exchange/facts.h"
#include "test/storage/exchange/log_stand.h"

namespace ottla::exchange {
namespace {

constexpr std::uint64_t kLongestList = std::uint64_t{16} << 20;

std::vector<std::string> split(std::string_view text, char end) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t at = std::min(text.find(end), text.size());
    words.emplace_back(text.substr(0, at));
    text.remove_prefix(std::min(at + 1, text.size()));
  }
  return words;
}

std::int64_t number(const std::string& word) {
  std::int64_t value = -1;
  std::from_chars(word.data(), word.data() + word.size(), value);
  return value;
}

Task<Result<std::string>> tell_one(LogStand& stand, std::vector<std::string> words) {
  storage::LogConfig config{.segment_index_bytes = 65'536,
                            .index_interval_bytes = static_cast<std::int32_t>(number(words[1])),
                            .compacts = words[6] == "compact"};
  OTTLA_CO_TRY(const auto log, co_await stand.open(words[4], config,
                                                   {.clean = words[0] == "clean",
                                                    .log_start = Offset(number(words[2])),
                                                    .recovery_point = Offset(number(words[3]))}));
  const Result<std::string> facts = co_await tell(*log, stand.codecs());
  const Result<void> closed = co_await log->close();
  if (!facts.ok()) co_return facts.error();
  if (!closed.ok()) co_return closed.error();
  co_return facts;
}

}  // namespace

Task<Result<void>> tell_list(std::string path) {
  FileSystem& files = this_shard().files();
  OTTLA_CO_TRY(const Slice list, co_await read_whole_file(files, path, kLongestList));
  LogStand stand;
  Result<void> done;
  for (const std::string& line : split(list.as_string_view(), '\n')) {
    const std::vector<std::string> words = split(line, '\t');
    if (words.size() != 7) {
      done = Error(Errc::malformed, "a line of " + path + " is not seven words: " + line);
      break;
    }
    const Result<std::string> facts = co_await tell_one(stand, words);
    const std::string text = facts.ok() ? *facts : "failed " + facts.error().to_string() + "\n";
    done = co_await replace_file(files, words[5], Chain(Slice::copy_of(text)));
    if (!done.ok()) break;
  }
  co_await stand.close();
  co_return done;
}

}  // namespace ottla::exchange
