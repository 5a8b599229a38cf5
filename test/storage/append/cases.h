// Batches that a client may send, good ones and bad ones, each to a topic of a certain kind: what they are sent for is
// what the reference answers to each, and that we answer the same.
//
// Lifetime:    values.
// Concurrency: none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/slice.h"
#include "record/append_rules.h"

namespace ottla::append_check {

// A topic, by what it is configured to.
struct TopicKind {
  std::string_view name;
  std::vector<std::pair<std::string_view, std::string_view>> configs;
  record::AppendRules rules;  // the same, said to us
};
const std::vector<TopicKind>& all_topics();

// Where we and the reference part on purpose; docs/compatibility.md says why.
struct Difference {
  std::int16_t reference = 0;
  std::int16_t ours = 0;
};

struct Case {
  std::string name;
  std::string_view topic;
  Slice bytes;
  std::int16_t version = 11;               // of the Produce request
  std::string_view transactional_id = {};  // none when empty
  std::optional<Difference> difference = {};
};
std::vector<Case> all_cases();

}  // namespace ottla::append_check
