#include "test/storage/crashes/every_crash.h"

#include <array>
#include <chrono>
#include <span>
#include <utility>

#include "sim/host.h"
#include "sim/world.h"
#include "test/storage/log/fingerprint.h"

namespace ottla::storage {
namespace {

using sim::Disk;
using sim::Fate;
using sim::PendingChange;

constexpr Duration kPatience = std::chrono::hours(1);
constexpr std::uint64_t kSector = 512;

// Names and bytes of all that is there.
std::uint64_t print_of(const Disk& disk) {
  Fingerprint print;
  for (const std::string& path : disk.paths()) {
    print.add(std::as_bytes(std::span(path)));
    if (path.ends_with('/')) continue;
    const sim::Content& content = (*disk.find(path))->data.content();
    std::vector<std::byte> bytes(content.size());
    content.read(0, bytes);
    print.add(bytes);
  }
  return print.value();
}

std::uint64_t print_of(const std::vector<PendingChange>& pending) {
  Fingerprint print;
  for (const PendingChange& change : pending) print.add(std::as_bytes(std::span(change.what)));
  return print.value();
}

const char* name_of(Fate::Kind kind) {
  static constexpr std::array kNames = {"kept", "lost", "torn behind its first bytes", "torn at sectors"};
  return kNames[static_cast<std::size_t>(kind)];
}

// The ways in which one write may be torn: cut in its middle, before its last byte, and with its front missing.
std::vector<Fate> tears_of(const PendingChange& change) {
  std::vector<Fate> tears;
  if (change.bytes < 2) return tears;
  tears.push_back({.kind = Fate::Kind::first_bytes, .bytes = change.bytes / 2});
  tears.push_back({.kind = Fate::Kind::first_bytes, .bytes = change.bytes - 1});
  Fate back{.kind = Fate::Kind::some_sectors};
  back.sectors.assign(change.bytes / kSector + 2, true);
  back.sectors.front() = false;
  tears.push_back(std::move(back));
  return tears;
}

}  // namespace

CrashCounts& CrashCounts::operator+=(const CrashCounts& other) {
  steps += other.steps;
  stops += other.stops;
  crashes += other.crashes;
  opened += other.opened;
  sampled += other.sampled;
  most_pending = std::max(most_pending, other.most_pending);
  return *this;
}

std::string CrashCounts::text() const {
  return std::to_string(steps) + " steps, " + std::to_string(stops) + " stops with up to " +
         std::to_string(most_pending) + " pending changes (" + std::to_string(sampled) + " sampled), " +
         std::to_string(crashes) + " crashes, " + std::to_string(opened) + " different ones";
}

struct EveryCrash::Stop {
  const CrashSubject& subject;
  const Disk& disk;
  Instant now;
  std::uint64_t step;
  std::vector<PendingChange> pending;
  int crashes;  // before this one
  const CrashShare& share;
};

const CrashShare* EveryCrash::share_after(int crashes) const {
  if (crashes == 0) return &limits_.share;
  return crashes == 1 ? &limits_.share_again : nullptr;
}

void EveryCrash::run(CrashSubject& subject) {
  live(subject, nullptr, Instant(), 0);
}

// The machine's time goes on from one life to the next: compaction tells by it what is old.
void EveryCrash::live(CrashSubject& subject, const Disk* disk, Instant begin, int crashes) {
  sim::World world(1);
  world.set_limits(2'000'000, kPatience);
  sim::Host& host = world.add_host("here");
  if (disk != nullptr) {
    host.disk().become(*disk);
  } else {
    (void)host.disk().make_directories("/place");
    host.disk().sync_everything();
  }
  if (begin > world.now()) world.pass(begin - world.now());
  const CrashShare* const share = share_after(crashes);
  std::uint64_t seen_pending = 0;
  std::uint64_t seen_expectation = 0;
  std::uint64_t stops = 0;
  const auto look = [&] {
    ++counts_.steps;
    if (share == nullptr) return;
    std::vector<PendingChange> pending = host.disk().pending();
    const std::uint64_t print = print_of(pending);
    const std::uint64_t expectation = subject.expectation();
    if (print == seen_pending && expectation == seen_expectation) return;
    seen_pending = print;
    seen_expectation = expectation;
    if (++stops % share->stride != 0) return;
    stop({.subject = subject,
          .disk = host.disk(),
          .now = world.now(),
          .step = world.steps(),
          .pending = std::move(pending),
          .crashes = crashes,
          .share = *share});
  };
  do {
    host.start([&subject](Process& process, Cancel cancel) { return subject.main(process, cancel); });
    while (host.running() && good() && subject.findings().empty() && world.step()) look();
  } while (good() && subject.findings().empty() && !host.running() && subject.goes_on());
  for (const std::string& what : subject.findings()) find(what);
  for (const std::string& what : world.violations()) find(what);
  if (good() && host.running()) find("it never comes to its end");
}

// --- Subsets ------------------------------------------------------------------------------------------------

void EveryCrash::stop(const Stop& at) {
  ++counts_.stops;
  counts_.most_pending = std::max(counts_.most_pending, at.pending.size());
  if (at.pending.size() > at.share.all_subsets_of) {
    ++counts_.sampled;
    sample(at);
  } else {
    enumerate(at);
  }
  if (!good()) return;
  if (at.pending.size() <= at.share.all_tears_of) {
    tear_all(at);
  } else if (at.share.one_tear) {
    tear(at);
  }
}

void EveryCrash::enumerate(const Stop& at) {
  Fates fates(at.pending.size());
  for (std::uint64_t kept = 0; kept < std::uint64_t{1} << fates.size() && good(); ++kept) {
    for (std::size_t i = 0; i < fates.size(); ++i)
      fates[i].kind = (kept >> i & 1) != 0 ? Fate::Kind::kept : Fate::Kind::lost;
    crash(at, fates);
  }
}

// Each write is kept, lost or torn in each way, whatever becomes of the others.
void EveryCrash::tear_all(const Stop& at) {
  std::vector<std::vector<Fate>> ways;
  for (const PendingChange& change : at.pending) {
    ways.push_back(tears_of(change));
    ways.back().push_back({.kind = Fate::Kind::lost});
    ways.back().push_back({.kind = Fate::Kind::kept});
  }
  std::vector<std::size_t> chosen(ways.size());
  while (good()) {
    Fates fates;
    for (std::size_t i = 0; i < ways.size(); ++i) fates.push_back(ways[i][chosen[i]]);
    crash(at, fates);
    std::size_t next = 0;
    while (next < ways.size() && ++chosen[next] == ways[next].size()) chosen[next++] = 0;
    if (next == ways.size()) return;
  }
}

// One write is torn; all others are there, or none, or those before it.
void EveryCrash::tear(const Stop& at) {
  enum class Others : std::uint8_t { all, none, before };
  for (std::size_t i = 0; i < at.pending.size(); ++i) {
    for (const Fate& torn : tears_of(at.pending[i])) {
      for (const Others others : {Others::all, Others::none, Others::before}) {
        Fates fates(at.pending.size());
        for (std::size_t j = 0; j < fates.size(); ++j) {
          // A file that has no name shows nothing of what is torn in it.
          const bool named = at.pending[j].file == 0;
          const bool kept = named || others == Others::all || (others == Others::before && j < i);
          fates[j].kind = kept ? Fate::Kind::kept : Fate::Kind::lost;
        }
        fates[i] = torn;
        crash(at, fates);
        if (!good()) return;
      }
    }
  }
}

void EveryCrash::sample(const Stop& at) {
  Fates fates(at.pending.size());
  for (std::uint64_t i = 0; i < at.share.samples && good(); ++i) {
    for (Fate& fate : fates) fate.kind = random_.chance(1, 2) ? Fate::Kind::kept : Fate::Kind::lost;
    crash(at, fates);
  }
}

void EveryCrash::crash(const Stop& at, const Fates& fates) {
  ++counts_.crashes;
  sim::StrikeCounts strikes;
  Disk left({}, 1, strikes);
  left.become(at.disk);
  (void)left.crash(fates);
  Fingerprint print;
  print.add(static_cast<std::int64_t>(print_of(left)));
  print.add(static_cast<std::int64_t>(at.subject.expectation()));
  if (!seen_.insert(print.value()).second) return;
  ++counts_.opened;
  const std::unique_ptr<CrashSubject> heir = at.subject.heir();
  // Those in the middle of the first so many, so that short stories have some, too.
  const bool again = at.crashes == 0 && counts_.opened % limits_.again_each == limits_.again_each / 2;
  live(*heir, &left, at.now, again ? 1 : 2);
  if (good()) return;
  std::string what = "the power went after step " + std::to_string(at.step) + ", of what was not synced:";
  for (std::size_t i = 0; i < fates.size(); ++i) {
    what += "\n  " + at.pending[i].what + ": " + name_of(fates[i].kind);
    if (fates[i].kind == Fate::Kind::first_bytes) what += " (" + std::to_string(fates[i].bytes) + ")";
  }
  what += "\nit left:";
  for (const std::string& path : left.paths()) {
    if (path.ends_with('/')) continue;
    what += "\n  " + path + " " + std::to_string((*left.find(path))->data.content().size());
  }
  findings_.push_back(std::move(what));
}

}  // namespace ottla::storage
