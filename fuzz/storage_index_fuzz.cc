// fuzz: base record runtime sim storage
// Any bytes as an offset, time or transaction index: opened, looked at, searched, cut, grown, made durable and opened
// again. The first byte says which, the second one the segment's size and base, the third one what is searched for.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

#include "base/invariant.h"
#include "base/offset.h"
#include "base/result.h"
#include "base/slice.h"
#include "runtime/process.h"
#include "runtime/shard.h"
#include "runtime/task.h"
#include "runtime/whole_file.h"
#include "sim/testing/one_life.h"
#include "storage/index/offset_index.h"
#include "storage/index/time_index.h"
#include "storage/index/transaction_index.h"
#include "storage/log/log_toolbox.h"
#include "storage/log/segment_name.h"

namespace ottla::storage {
namespace {

constexpr std::string_view kDirectory = "/log";

struct Input {
  std::uint64_t segment_size = 0;
  Offset base;
  std::int64_t target = 0;
  std::string bytes;
};

// Either it is refused, or what it says can be in this segment.
template <typename Index>
Task<bool> load(Index& index, const Input& input) {
  Result<void> loaded;
  if constexpr (requires { index.load(input.segment_size); }) {
    loaded = co_await index.load(input.segment_size);
  } else {
    loaded = co_await index.load();
  }
  OTTLA_INVARIANT(loaded.ok() || loaded.error() == Errc::corrupt, "an odd answer to odd bytes");
  co_return loaded.ok();
}

// Entries that rise, from the first one on.
template <typename Index, typename Rises>
Task<bool> is_sorted(Index& index, Rises rises) {
  for (std::uint32_t number = 1; number < index.count(); ++number) {
    const auto before = co_await index.entry(number - 1);
    const auto entry = co_await index.entry(number);
    if (!before.ok() || !entry.ok() || !rises(*before, *entry)) co_return false;
  }
  co_return true;
}

// Cuts it, lets it grow and opens it anew.
template <typename Index, typename Append>
Task<void> change(Index& index, const LogTools& tools, const SegmentName& name, const Input& input,
                  Append append) {
  if (!(co_await index.truncate_to(input.base + input.target)).ok()) co_return;
  append();
  const std::uint32_t count = index.count();
  OTTLA_INVARIANT((co_await index.file().sync()).ok(), "an index could not be written");
  index.file().forget();
  Index again(tools, name);
  const bool is_good = co_await load(again, input);
  OTTLA_INVARIANT(!is_good || again.count() == count, "an index has another size than was written",
                  again.count(), count);
  again.file().forget();
}

Task<void> offsets(const LogTools& tools, const SegmentName& name, Input input) {
  OffsetIndex index(tools, name);
  if (!co_await load(index, input)) co_return index.file().forget();
  const bool sorted = co_await is_sorted(index, [](const OffsetPosition& a, const OffsetPosition& b) {
    return a.offset < b.offset && a.position < b.position;
  });
  const Offset target = input.base + input.target;
  const auto found = co_await index.lookup(target);
  OTTLA_INVARIANT(found.ok(), "an offset index cannot be searched");
  OffsetPosition expected{.offset = input.base, .position = 0};
  for (std::uint32_t number = 0; number < index.count(); ++number) {
    const OffsetPosition entry = (co_await index.entry(number)).value();
    if (entry.offset <= target) expected = entry;
  }
  if (sorted && target >= input.base) OTTLA_INVARIANT(*found == expected, "another place was found");
  OTTLA_INVARIANT((co_await index.lookup_position(static_cast<std::uint32_t>(input.target))).ok(),
                  "an offset index cannot be searched by position");
  co_await change(index, tools, name, input, [&] {
    const OffsetPosition last = index.last();
    if (OffsetIndex::can_hold(input.base, last.offset + 1) && last.position < INT32_MAX)
      index.append(last.offset + 1, last.position + 1);
  });
  index.file().forget();
}

Task<void> times(const LogTools& tools, const SegmentName& name, Input input) {
  TimeIndex index(tools, name);
  if (!co_await load(index, input)) co_return index.file().forget();
  const bool sorted = co_await is_sorted(
      index, [](const TimestampOffset& a, const TimestampOffset& b) { return a.timestamp < b.timestamp; });
  const auto found = co_await index.lookup(input.target);
  OTTLA_INVARIANT(found.ok(), "a time index cannot be searched");
  TimestampOffset expected{.timestamp = -1, .offset = input.base};
  for (std::uint32_t number = 0; number < index.count(); ++number) {
    const TimestampOffset entry = (co_await index.entry(number)).value();
    if (entry.timestamp <= input.target) expected = entry;
  }
  if (sorted) OTTLA_INVARIANT(*found == expected, "another time was found");
  co_await change(index, tools, name, input, [&] {
    const TimestampOffset last = index.last();
    if (last.timestamp < INT64_MAX) index.maybe_append(last.timestamp + 1, std::max(last.offset, input.base));
  });
  index.file().forget();
}

Task<void> transactions(const LogTools& tools, const SegmentName& name, Input input) {
  TransactionIndex index(tools, name);
  if (!co_await load(index, input)) co_return index.file().forget();
  std::vector<AbortedTransaction> found;
  const auto complete = co_await index.collect(input.base, input.base + input.target, found);
  OTTLA_INVARIANT(complete.ok() || complete.error() == Errc::corrupt, "an odd answer to odd bytes");
  OTTLA_INVARIANT(found.size() <= index.count(), "there are more transactions than entries");
  co_await change(index, tools, name, input, [&] {
    index.append({.producer_id = 1,
                  .first_offset = input.base,
                  .last_offset = input.base + INT32_MAX,
                  .last_stable_offset = input.base});
  });
  index.file().forget();
}

struct Kind {
  FileKind kind;
  Task<void> (*look)(const LogTools& tools, const SegmentName& name, Input input);
};
constexpr Kind kKinds[] = {{FileKind::offset_index, offsets},
                           {FileKind::time_index, times},
                           {FileKind::transaction_index, transactions}};

Task<int> look(const Kind& kind, Input input) {
  FileSystem& files = this_shard().files();
  LogToolbox box(files, {.descriptors = 8, .index_pages = 4, .recent_bytes = 0});
  const std::string directory(kDirectory);
  const SegmentName name(directory, input.base);
  (void)co_await files.make_directories(directory);
  OTTLA_INVARIANT((co_await replace_file(files, name.path(kind.kind), Slice::copy_of(input.bytes))).ok(),
                  "no file");
  const LogTools tools = box.tools();
  co_await kind.look(tools, name, std::move(input));
  co_await box.files().settle();
  co_await box.close();
  co_return 0;
}

}  // namespace
}  // namespace ottla::storage

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ottla;
  using namespace ottla::storage;
  if (size < 3) return 0;
  const Kind& kind = kKinds[data[0] % std::size(kKinds)];
  const std::int64_t base = data[1] % 3 == 0 ? 0 : data[1] % 3 == 1 ? 1000 : std::int64_t{1} << 40;
  const Input input{.segment_size = data[1] < 128 ? std::uint64_t{data[1]} * 64 : INT32_MAX,
                    .base = Offset(base),
                    .target = data[2] < 250 ? data[2] : INT32_MAX - (255 - data[2]),
                    .bytes = std::string(reinterpret_cast<const char*>(data) + 3, size - 3)};
  sim::testing::live_once([&](Process&, Cancel) { return look(kind, input); });
  return 0;
}
