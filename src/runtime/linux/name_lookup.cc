#include "runtime/linux/name_lookup.h"

#include <netdb.h>
#include <signal.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "runtime/event.h"
#include "runtime/linux/socket_address.h"
#include "runtime/shard.h"

namespace ottla {
namespace {

constexpr std::size_t kLongestName = 255;

Error error_of(int number, const std::string& host) {
  std::string text = "resolve \"" + host + "\": " + ::gai_strerror(number);
  switch (number) {
    case EAI_NONAME:
    case EAI_NODATA:
    case EAI_ADDRFAMILY:
      return Error(Errc::not_found, std::move(text));
    case EAI_AGAIN:
      return Error(Errc::unreachable, std::move(text));
    case EAI_MEMORY:
      return Error(Errc::out_of_budget, std::move(text));
    case EAI_SYSTEM:
      return Error::from_errno(errno, "resolve", host);
    default:
      return Error(Errc::system, std::move(text));
  }
}

// Blocks.
Result<std::vector<Address>> ask(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* first = nullptr;
  if (const int number = ::getaddrinfo(host.c_str(), nullptr, &hints, &first); number != 0) {
    return error_of(number, host);
  }
  std::vector<Address> addresses;
  for (const addrinfo* info = first; info != nullptr; info = info->ai_next) {
    SocketAddress name;
    if (info->ai_addrlen > *name.writable_size()) continue;
    std::memcpy(name.writable(), info->ai_addr, info->ai_addrlen);
    *name.writable_size() = info->ai_addrlen;
    addresses.push_back(name.to_address().with_port(port));
  }
  ::freeaddrinfo(first);
  if (addresses.empty()) return Error(Errc::not_found, "resolve \"" + host + "\": no addresses");
  return addresses;
}

std::optional<Address> literal(const std::string& host, std::uint16_t port) {
  const bool ipv6 = host.find(':') != std::string::npos;
  Result<Address> parsed = Address::parse((ipv6 ? '[' + host + ']' : host) + ":0");
  if (!parsed.ok()) return std::nullopt;
  return parsed->with_port(port);
}

}  // namespace

class NameLookup::Question final : public Message {
 public:
  Question(std::string host, std::uint16_t port)
      : host_(std::move(host)), port_(port), home_(Shard::current()) {}

  // On the asking shard. After it, no answer is sent.
  void give_up() {
    const std::lock_guard lock(mutex_);
    given_up_ = true;
  }
  Event& answered() { return answered_; }
  Result<std::vector<Address>>& answer() { return answer_; }

  // On a thread of the lookup.
  static void work(const std::shared_ptr<Question>& question) {
    Question& self = *question;
    {
      const std::lock_guard lock(self.mutex_);
      if (self.given_up_) return;
    }
    Result<std::vector<Address>> answer = ask(self.host_, self.port_);
    const std::lock_guard lock(self.mutex_);  // the shard lives as long as its frame has not given up
    if (self.given_up_) return;
    self.answer_ = std::move(answer);
    self.under_way_ = question;
    self.home_.post(self);
  }

 private:
  void run(Shard&) override {
    const std::shared_ptr<Question> last = std::move(under_way_);
    answered_.set();
  }
  void abandon() override { const std::shared_ptr<Question> last = std::move(under_way_); }

  const std::string host_;
  const std::uint16_t port_;
  Shard& home_;
  std::mutex mutex_;
  bool given_up_ = false;                                  // guarded by mutex_
  Result<std::vector<Address>> answer_ = Errc::not_found;  // the thread's, then the shard's
  std::shared_ptr<Question> under_way_;                    // keeps the message alive until it arrives
  Event answered_;                                         // the shard's
};

NameLookup::~NameLookup() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  arrived_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

Task<Result<std::vector<Address>>> NameLookup::resolve(std::string host, std::uint16_t port, Cancel cancel) {
  if (const auto address = literal(host, port)) co_return std::vector<Address>{*address};
  if (host.empty() || host.size() > kLongestName || host.find('\0') != std::string::npos) {
    co_return Error(Errc::invalid_argument, "resolve \"" + host + "\": a host name has 1 to 255 bytes");
  }
  if (cancel.requested()) co_return Errc::cancelled;
  const auto question = std::make_shared<Question>(std::move(host), port);
  struct GiveUp {
    Question& question;
    ~GiveUp() { question.give_up(); }
  };
  const GiveUp at_the_end{*question};
  submit(question);
  OTTLA_CO_CHECK(co_await question->answered().wait(cancel));
  co_return std::move(question->answer());
}

void NameLookup::submit(std::shared_ptr<Question> question) {
  const std::lock_guard lock(mutex_);
  queue_.push_back(std::move(question));
  if (queue_.size() > idle_ && threads_.size() < kMaxThreads) {
    threads_.emplace_back([this] { serve(); });
  }
  arrived_.notify_one();
}

void NameLookup::serve() {
  sigset_t all;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);  // signals are the first shard's affair
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    arrived_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    --idle_;
    if (stopping_) return;
    const std::shared_ptr<Question> question = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    Question::work(question);
    lock.lock();
  }
}

}  // namespace ottla
