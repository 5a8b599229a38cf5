#include "runtime/linux/read_ahead.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "runtime/linux/file_reads.h"
#include "runtime/linux/linux_file_source.h"

namespace ottla {

ReadAhead::Run* ReadAhead::find(const Range& range) {
  const Inode* const file = LinuxFileSource::of(range).file().inode.get();
  auto* const run = std::ranges::find_if(runs_, [&](const Run& each) {
    return each.file == file && each.begin <= range.offset() && range.offset() < each.end;
  });
  return run == runs_.end() ? nullptr : run;
}

void ReadAhead::go_on_behind(const Range& sent) {
  Run& run = runs_[next_];
  if (run.file != nullptr && !run.read.is_set()) return;  // more is under way than this peer can take
  const OpenFile& file = LinuxFileSource::of(sent).file();
  const std::uint64_t begin = sent.offset() + sent.size();
  const Range ahead(sent.claim(), begin, kStep);
  if (runs_into(ahead)) return;
  if (all_cached(file, begin, kStep) && arrived_part(file, begin, kStep) == kStep) return;
  next_ = (next_ + 1) % kMostRuns;
  run.file = file.inode.get();
  run.begin = begin;
  run.end = begin + kStep;
  run.failed = false;
  run.read.reset();
  jobs_.spawn(read(run, ahead));
}

Task<void> ReadAhead::read(Run& run, Range range) {
  const Result<void> warmed =
      co_await warm_file(LinuxFileSource::of(range).file(), range.offset(), range.size());
  run.failed = !warmed.ok();
  run.read.set();
}

Task<std::uint64_t> ReadAhead::arrive(Range range) {
  Run* const run = find(range);
  if (run == nullptr) co_return 0;
  const Range ahead(range.claim(), run->begin, run->end - run->begin);
  co_await run->read.wait();
  run->file = nullptr;
  if (run->failed) co_return 0;
  go_on_behind(ahead);
  co_return ahead.offset() + ahead.size() - range.offset();
}

}  // namespace ottla
