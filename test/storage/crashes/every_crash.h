// Lets a story run in a simulated world and cuts the power at each of its steps, once for every subset of what is not
// synced there: what a crash may leave is not drawn but enumerated.
//
// Use:         EveryCrash crashes({});  crashes.run(subject);  EXPECT_TRUE(crashes.findings().empty());
// Lifetime:    a subject lives as long as its run; its heirs are made and ended here.
// Concurrency: one thread, outside of every world.
// Invariants:  1. a step after which neither the disk nor what must be found there is another is looked at once
//              2. two crashes that leave the same disk, of which the same is expected, are one
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "runtime/process.h"
#include "runtime/random.h"
#include "sim/disk.h"
#include "sim/world_options.h"

namespace ottla::storage {

// What runs, and what its disk must hold after a crash.
class CrashSubject {
 public:
  virtual ~CrashSubject() = default;
  virtual Task<int> main(Process& process, Cancel cancel) = 0;
  // The process has ended, and is to be started once more on the same machine.
  virtual bool goes_on() const = 0;
  // Knows what this one knows now. Its main() looks at what is there and says what is wrong.
  virtual std::unique_ptr<CrashSubject> heir() const = 0;
  // Changes with what its heir expects.
  virtual std::uint64_t expectation() const = 0;
  virtual const std::vector<std::string>& findings() const = 0;
};

// How many of all crashes there are.
struct CrashShare {
  std::size_t all_subsets_of = 12;  // pending changes; of more, samples
  std::uint64_t samples = 2000;
  std::size_t all_tears_of = 4;  // of so many each may be torn, too, whatever becomes of the others
  bool one_tear = true;          // of more, one at a time
  std::uint64_t stride = 1;      // each so many-th stop
};

struct CrashLimits {
  CrashShare share = {};
  // Of so many crashes one is followed by other ones, at each step of the recovery from the first.
  std::uint64_t again_each = 2000;
  CrashShare share_again = {.all_subsets_of = 5, .samples = 32, .all_tears_of = 2, .one_tear = false};
};

struct CrashCounts {
  std::uint64_t steps = 0;
  std::uint64_t stops = 0;    // steps at which the power was cut
  std::uint64_t crashes = 0;  // subsets, torn ones too
  std::uint64_t opened = 0;   // of them, those that left something else than others
  std::uint64_t sampled = 0;  // stops with too much pending
  std::size_t most_pending = 0;

  CrashCounts& operator+=(const CrashCounts& other);
  std::string text() const;
};

class EveryCrash {
 public:
  explicit EveryCrash(CrashLimits limits) : limits_(limits) {}

  // Ends at the first thing that is wrong.
  void run(CrashSubject& subject);
  const std::vector<std::string>& findings() const { return findings_; }
  const CrashCounts& counts() const { return counts_; }

 private:
  using Fates = std::vector<sim::Fate>;
  struct Stop;

  // What crashes it, if something does: after so many crashes.
  const CrashShare* share_after(int crashes) const;
  void live(CrashSubject& subject, const sim::Disk* disk, Instant begin, int crashes);
  void stop(const Stop& at);
  void enumerate(const Stop& at);
  void tear(const Stop& at);
  void tear_all(const Stop& at);
  void sample(const Stop& at);
  void crash(const Stop& at, const Fates& fates);
  void find(const std::string& what) { findings_.push_back(what); }
  bool good() const { return findings_.empty(); }

  const CrashLimits limits_;
  CrashCounts counts_;
  std::vector<std::string> findings_;
  Random random_{1};
  std::unordered_set<std::uint64_t> seen_;  // looked up only
};

}  // namespace ottla::storage
