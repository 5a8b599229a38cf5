#include "testing/isolated_run.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "base/invariant.h"

namespace ottla::testing {
namespace {

using Moment = std::chrono::steady_clock::time_point;

constexpr std::size_t kBatch = 32;  // seeds that one process runs
constexpr std::size_t kMaxText = 64 * 1024;

// What a child tells of one run; the violations' text follows it.
struct Header {
  std::uint64_t seed;
  std::uint64_t steps;
  std::uint64_t acked_operations;
  std::uint64_t hash;
  sim::StrikeCounts strikes;
  std::uint32_t violations;
  std::uint32_t text_bytes;
};

void write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) ::_exit(3);  // nobody listens any more
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void tell(int fd, std::uint64_t seed, const Outcome& outcome) {
  std::string text;
  for (const std::string& violation : outcome.violations) {
    text += violation.substr(0, kMaxText / 4);
    text += '\0';
    if (text.size() > kMaxText) break;
  }
  Header header{};
  header.seed = seed;
  header.steps = outcome.steps;
  header.acked_operations = outcome.acked_operations;
  header.hash = outcome.hash;
  header.strikes = outcome.strikes;
  header.violations = static_cast<std::uint32_t>(outcome.violations.size());
  header.text_bytes = static_cast<std::uint32_t>(text.size());
  std::string message(reinterpret_cast<const char*>(&header), sizeof header);
  write_all(fd, message + text);
}

// A child process, the pipe that it tells its runs through, and where its last words go.
class Child {
 public:
  // Runs body(pipe) in a new process.
  explicit Child(const std::function<void(int)>& body);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();

  int pipe() const { return pipe_; }
  // Takes in what has come; false at the end.
  bool read_more();
  std::optional<std::pair<std::uint64_t, Outcome>> next();
  // Waits for its end: nothing when it ended in good order, else what became of it.
  std::optional<std::string> how_it_ended();
  void end_it() { ::kill(pid_, SIGKILL); }
  Moment last_word() const { return last_word_; }

 private:
  std::string last_words();

  pid_t pid_ = -1;
  int pipe_ = -1;
  int stderr_ = -1;  // a file in memory
  bool waited_ = false;
  std::string buffer_;
  Moment last_word_ = std::chrono::steady_clock::now();
};

Child::Child(const std::function<void(int)>& body) {
  int ends[2];
  OTTLA_INVARIANT(::pipe2(ends, O_CLOEXEC) == 0, "no pipe", errno);
  stderr_ = ::memfd_create("last words", MFD_CLOEXEC);
  OTTLA_INVARIANT(stderr_ >= 0, "no file in memory", errno);
  std::fflush(nullptr);
  pid_ = ::fork();
  OTTLA_INVARIANT(pid_ >= 0, "no process", errno);
  if (pid_ == 0) {
    ::close(ends[0]);
    ::dup2(stderr_, STDERR_FILENO);
    body(ends[1]);
    ::_exit(0);
  }
  ::close(ends[1]);
  pipe_ = ends[0];
}

Child::~Child() {
  if (!waited_) {
    end_it();
    (void)how_it_ended();
  }
  ::close(pipe_);
  ::close(stderr_);
}

bool Child::read_more() {
  char chunk[16 * 1024];
  ssize_t count = 0;
  do {
    count = ::read(pipe_, chunk, sizeof chunk);
  } while (count < 0 && errno == EINTR);
  if (count <= 0) return false;
  last_word_ = std::chrono::steady_clock::now();
  buffer_.append(chunk, static_cast<std::size_t>(count));
  return true;
}

std::optional<std::pair<std::uint64_t, Outcome>> Child::next() {
  Header header{};
  if (buffer_.size() < sizeof header) return std::nullopt;
  std::memcpy(&header, buffer_.data(), sizeof header);
  if (buffer_.size() < sizeof header + header.text_bytes) return std::nullopt;
  std::string_view text = std::string_view(buffer_).substr(sizeof header, header.text_bytes);
  Outcome outcome;
  while (!text.empty()) {
    const std::size_t end = text.find('\0');
    outcome.violations.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  outcome.steps = header.steps;
  outcome.acked_operations = header.acked_operations;
  outcome.hash = header.hash;
  outcome.strikes = header.strikes;
  buffer_.erase(0, sizeof header + header.text_bytes);
  return std::pair(header.seed, std::move(outcome));
}

std::string Child::last_words() {
  const off_t size = ::lseek(stderr_, 0, SEEK_END);
  const off_t from = std::max<off_t>(0, size - 4096);
  std::string text(static_cast<std::size_t>(size - from), '\0');
  const ssize_t got = ::pread(stderr_, text.data(), text.size(), from);
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::optional<std::string> Child::how_it_ended() {
  waited_ = true;
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return std::nullopt;
  std::string text = WIFSIGNALED(status) ? "died of signal " + std::to_string(WTERMSIG(status))
                                         : "ended with " + std::to_string(WEXITSTATUS(status));
  const std::string words = last_words();
  return words.empty() ? text : text + ":\n" + words;
}

Outcome dead(std::string how) {
  Outcome outcome;
  outcome.violations.push_back(std::move(how));
  return outcome;
}

// A run of consecutive seeds in one child.
struct Batch {
  std::unique_ptr<Child> child;
  std::uint64_t next = 0;  // the first seed that has not been told of
  std::uint64_t end = 0;
  bool hung = false;
};

class Pool {
 public:
  Pool(const SimulatedScenario& scenario, SeedRange seeds, const std::string& planted_bug,
       std::chrono::seconds patience, const std::function<bool(std::uint64_t, const Outcome&)>& done)
      : scenario_(scenario),
        next_(seeds.first),
        end_(seeds.first + seeds.count),
        planted_bug_(planted_bug),
        patience_(patience),
        done_(done) {}

  void run(std::size_t jobs) {
    batches_.resize(std::max<std::size_t>(jobs, 1));
    for (Batch& batch : batches_) refill(batch);
    while (wait_for_one()) {
    }
  }

 private:
  void start(Batch& batch, std::uint64_t from, std::uint64_t to) {
    batch.next = from;
    batch.end = to;
    batch.hung = false;
    batch.child = std::make_unique<Child>([this, from, to](int pipe) {
      for (std::uint64_t seed = from; seed < to; ++seed) {
        RunRequest request = scenario_.request(seed);
        request.planted_bug = planted_bug_;
        tell(pipe, seed, scenario_.run(request));
      }
    });
  }
  void refill(Batch& batch) {
    batch.child.reset();
    if (stopped_ || next_ == end_) return;
    const std::uint64_t from = std::exchange(next_, std::min(end_, next_ + kBatch));
    start(batch, from, next_);
  }
  void report(std::uint64_t seed, const Outcome& outcome) {
    if (!done_(seed, outcome)) stopped_ = true;
  }
  bool wait_for_one() {
    std::vector<pollfd> waiting;
    for (const Batch& batch : batches_)
      waiting.push_back({batch.child ? batch.child->pipe() : -1, POLLIN, 0});
    if (std::ranges::all_of(waiting, [](const pollfd& one) { return one.fd < 0; })) return false;
    (void)::poll(waiting.data(), waiting.size(), 1000);
    for (std::size_t i = 0; i < batches_.size(); ++i) {
      if (batches_[i].child == nullptr) continue;
      if (waiting[i].revents != 0) {
        listen_to(batches_[i]);
      } else if (std::chrono::steady_clock::now() - batches_[i].child->last_word() > patience_) {
        batches_[i].hung = true;
        batches_[i].child->end_it();
      }
    }
    return true;
  }
  void listen_to(Batch& batch) {
    const bool more = batch.child->read_more();
    while (const auto told = batch.child->next()) {
      batch.next = told->first + 1;
      report(told->first, told->second);
    }
    if (more) return;
    const std::optional<std::string> how = batch.child->how_it_ended();
    if (batch.next == batch.end) return refill(batch);
    report(batch.next,
           dead(batch.hung ? "hangs: one step of it never ends" : how.value_or("ended too early")));
    if (stopped_ || ++batch.next == batch.end) return refill(batch);
    start(batch, batch.next, batch.end);
  }

  const SimulatedScenario& scenario_;
  std::uint64_t next_;
  const std::uint64_t end_;
  const std::string& planted_bug_;
  const std::chrono::seconds patience_;
  const std::function<bool(std::uint64_t, const Outcome&)>& done_;
  std::vector<Batch> batches_;
  bool stopped_ = false;
};

}  // namespace

Outcome run_isolated(const SimulatedScenario& scenario, const RunRequest& request,
                     std::chrono::seconds patience) {
  Child child([&](int pipe) { tell(pipe, request.seed, scenario.run(request)); });
  const Moment limit = std::chrono::steady_clock::now() + patience;
  for (;;) {
    pollfd waiting{child.pipe(), POLLIN, 0};
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(limit - std::chrono::steady_clock::now());
    if (left.count() <= 0) return dead("hangs: one step of it never ends");
    if (::poll(&waiting, 1, static_cast<int>(left.count())) == 0) continue;
    const bool more = child.read_more();
    if (auto told = child.next()) return std::move(told->second);
    if (!more) return dead(child.how_it_ended().value_or("ended too early"));
  }
}

void run_many(const SimulatedScenario& scenario, SeedRange seeds, std::size_t jobs,
              const std::string& planted_bug, std::chrono::seconds patience,
              const std::function<bool(std::uint64_t, const Outcome&)>& done) {
  Pool(scenario, seeds, planted_bug, patience, done).run(jobs);
}

}  // namespace ottla::testing
