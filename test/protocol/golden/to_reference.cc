#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/json.h"
#include "protocol/testing/random_message.h"
#include "test/protocol/golden/json_difference.h"
#include "test/protocol/golden/parts.h"

namespace ottla::golden {
namespace {

constexpr std::int32_t kBatch = 200;

// The reference shows such doubles as texts and cannot read what it shows.
bool has_no_number(std::string_view json) {
  return json.contains(R"(:"NaN")") || json.contains(R"(Infinity")");
}

// A message of ours, and what we say of it.
struct Sent {
  std::int32_t index;
  std::string bytes;
  std::string shown;  // as the reference shows it, record sets by their size
  bool told;          // also as whole JSON, for the reference to read
};

// One question under way.
struct Batch {
  Subject subject;
  std::vector<Sent> sent;
  bool last;  // of its subject
};

class Check {
 public:
  Check(const Choice& choice, Reference& reference, Report& report)
      : choice_(choice), reference_(reference), report_(report) {}

  void run() {
    for (const Subject& subject : choice_.subjects()) {
      for (std::int32_t first = 0; first < choice_.count; first += kBatch) {
        send(subject, first, std::min(kBatch, choice_.count - first));
        if (under_way_.size() > 1) receive();
      }
    }
    while (!under_way_.empty()) receive();
  }

 private:
  void send(const Subject& subject, std::int32_t first, std::int32_t count) {
    Batch batch = {.subject = subject, .sent = {}, .last = first + count == choice_.count};
    Question question('D');
    question.text(subject.message->name).int16(subject.version).int32(count);
    for (std::int32_t index = first; index < first + count; ++index) {
      batch.sent.push_back(make(subject, index, question));
      bench_.clear();
    }
    reference_.ask(question);
    under_way_.push_back(std::move(batch));
  }

  // JSON does not show unknown tags, so that every second message has none.
  Sent make(const Subject& subject, std::int32_t index, Question& question) {
    const bool told = index % 2 == 1;
    std::byte* message = bench_.blank(*subject.message->root);
    protocol::RandomMessages random(subject.seed(choice_.seed) + static_cast<std::uint64_t>(index),
                                    bench_.arena(), {.unknown_tags = !told});
    random.fill(*subject.message, subject.version, message);
    auto bytes = encode(subject, message);
    if (!bytes.ok())
      give_up(fmt::format("{}, seed {}, message {}: we cannot encode what we made: {}", subject.name(),
                          choice_.seed, index, bytes.error().to_string()));
    question.bytes(as_view(*bytes));
    std::string whole = told ? json_of(subject, message, protocol::kWholeJson) : "";
    if (has_no_number(whole)) whole.clear();
    question.text(whole);
    return {.index = index,
            .bytes = std::move(*bytes),
            .shown = json_of(subject, message, {.secrets = protocol::JsonSecrets::shown}),
            .told = !whole.empty()};
  }

  void receive() {
    const Batch batch = std::move(under_way_.front());
    under_way_.pop_front();
    Answer answer = reference_.receive();
    if (answer.int32() != static_cast<std::int32_t>(batch.sent.size()))
      give_up("some messages were not answered");
    if (batch.sent.front().index == 0) report_.begin_case(batch.subject.name());
    for (const Sent& sent : batch.sent) compare(batch.subject, sent, answer);
    if (batch.last) report_.end_case();
  }

  void compare(const Subject& subject, const Sent& sent, Answer& answer) {
    const std::string_view wrong = answer.text();
    const auto taken = static_cast<std::size_t>(answer.int32());
    const ByteView again = answer.bytes();
    const std::string_view shown = answer.text();
    const ByteView retold = answer.bytes();
    report_.compared();
    if (!wrong.empty()) return complain(sent, fmt::format("the reference says {}", wrong));
    const ByteView bytes = as_view(sent.bytes);
    if (taken != bytes.size())
      return complain(sent, fmt::format("the reference takes {} of {} bytes", taken, bytes.size()));
    if (!std::ranges::equal(again, bytes)) complain(sent, difference(subject, again, bytes));
    if (const std::string found = json_difference(shown, sent.shown); !found.empty()) complain(sent, found);
    if (sent.told && !std::ranges::equal(retold, bytes))
      complain(sent, fmt::format("told as JSON, {}", difference(subject, retold, bytes)));
  }

  void complain(const Sent& sent, std::string_view what) {
    report_.mismatch(fmt::format("seed {}, message {}: {}", choice_.seed, sent.index, what));
  }

  const Choice& choice_;
  Reference& reference_;
  Report& report_;
  Workbench bench_;
  std::deque<Batch> under_way_;  // in the order in which they were asked
};

}  // namespace

void compare_to_reference(const Choice& choice, Reference& reference, Report& report) {
  report.begin("from us to the reference");
  Check(choice, reference, report).run();
}

}  // namespace ottla::golden
