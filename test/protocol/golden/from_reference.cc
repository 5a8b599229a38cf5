#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/json.h"
#include "protocol/schema.h"
#include "protocol/testing/every_message.h"
#include "test/protocol/golden/json_difference.h"
#include "test/protocol/golden/parts.h"

namespace ottla::golden {
namespace {

constexpr std::int32_t kBatch = 500;
constexpr protocol::JsonStyle kShown = {.secrets = protocol::JsonSecrets::shown};

bool has_records(const protocol::StructureInfo& structure) {
  return std::ranges::any_of(structure.fields, [](const protocol::FieldInfo& field) {
    return field.kind == protocol::Kind::records ||
           (field.structure != nullptr && has_records(*field.structure));
  });
}

// Messages of one subject that the reference is asked for together.
struct Batch {
  Subject subject;
  std::int32_t first;
  std::int32_t count;
};

std::vector<Batch> batches(const Choice& choice) {
  std::vector<Batch> all;
  for (const Subject& subject : choice.subjects()) {
    for (std::int32_t first = 0; first < choice.count; first += kBatch)
      all.push_back({.subject = subject, .first = first, .count = std::min(kBatch, choice.count - first)});
  }
  return all;
}

Question generate(const Batch& batch, std::uint64_t seed) {
  Question question('G');
  question.text(batch.subject.message->name).int16(batch.subject.version);
  question.int64(batch.subject.seed(seed)).int32(batch.first).int32(batch.count);
  return question;
}

class Check {
 public:
  Check(const Choice& choice, Report& report) : choice_(choice), report_(report) {}

  void run(const Batch& batch, Answer answer) {
    if (batch.first == 0) report_.begin_case(batch.subject.name());
    if (answer.int32() != batch.count) give_up("the reference's end made another number of messages");
    for (index_ = batch.first; index_ < batch.first + batch.count; ++index_) {
      const ByteView bytes = answer.bytes();
      compare(batch.subject, bytes, answer.text());
      bench_.clear();
    }
    if (batch.first + batch.count == choice_.count) report_.end_case();
  }

 private:
  void compare(const Subject& subject, ByteView bytes, std::string_view json) {
    report_.compared();
    compare_with(subject, bytes, json);
    if (subject.message->hot == nullptr) return;
    // The same by the tables alone, for those that have codecs of their own.
    const protocol::MessageInfo tables = protocol::by_tables(*subject.message);
    compare_with({.message = &tables, .version = subject.version}, bytes, json);
  }

  void compare_with(const Subject& subject, ByteView bytes, std::string_view json) {
    const auto message = bench_.decode(subject, bytes);
    if (!message.ok()) return complain(fmt::format("we cannot decode it: {}", message.error().to_string()));
    const auto again = encode(subject, *message);
    if (!again.ok()) return complain(fmt::format("we cannot encode it again: {}", again.error().to_string()));
    if (!std::ranges::equal(as_view(*again), bytes)) complain(difference(subject, bytes, as_view(*again)));
    const std::string shown = json_of(subject, *message, kShown);
    if (const std::string found = json_difference(json, shown); !found.empty()) complain(found);
    if (index_ % 2 == 1 && !has_records(*subject.message->root)) compare_told(subject, bytes, json);
  }

  // The reference's JSON tells us the same message. Record sets are only counted in it, and the reference leaves
  // unknown tags, which it does not show, out of messages of odd numbers.
  void compare_told(const Subject& subject, ByteView bytes, std::string_view json) {
    std::byte* message = bench_.blank(*subject.message->root);
    const auto told = protocol::from_json(*subject.message, json, subject.version, bench_.arena(), message);
    if (!told.ok()) return complain(fmt::format("we cannot read its JSON: {}", told.error().to_string()));
    const auto again = encode(subject, message);
    if (!again.ok()) return complain(fmt::format("we cannot encode its JSON: {}", again.error().to_string()));
    if (!std::ranges::equal(as_view(*again), bytes))
      complain(fmt::format("told as JSON, {}", difference(subject, bytes, as_view(*again))));
  }

  void complain(const std::string& what) {
    report_.mismatch(fmt::format("seed {}, message {}: {}", choice_.seed, index_, what));
  }

  const Choice& choice_;
  Report& report_;
  Workbench bench_;
  std::int32_t index_ = 0;
};

}  // namespace

// One batch ahead, so that both ends work at the same time.
void compare_from_reference(const Choice& choice, Reference& reference, Report& report) {
  report.begin("from the reference to us");
  Check check(choice, report);
  const std::vector<Batch> all = batches(choice);
  if (!all.empty()) reference.ask(generate(all.front(), choice.seed));
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i + 1 < all.size()) reference.ask(generate(all[i + 1], choice.seed));
    check.run(all[i], reference.receive());
  }
}

}  // namespace ottla::golden
