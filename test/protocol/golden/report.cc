#include "test/protocol/golden/report.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

namespace ottla::golden {
namespace {

constexpr std::size_t kPrinted = 40;        // in all
constexpr std::size_t kPrintedInCase = 2;   // more of the same says little
constexpr std::size_t kCasesPerLine = 250;  // of progress

}  // namespace

void Report::begin(std::string_view part) {
  part_ = part;
  if (voice_ == Voice::loud) fmt::print(stderr, "{}\n", part_);
}

void Report::begin_case(std::string name) {
  case_ = std::move(name);
  mismatches_in_case_ = 0;
}

void Report::mismatch(std::string_view what) {
  ++mismatches_in_case_;
  if (voice_ == Voice::silent || mismatches_in_case_ > kPrintedInCase || printed_ >= kPrinted) return;
  ++printed_;
  fmt::print(stderr, "FAILED {}: {}: {}\n", part_, case_, what);
}

void Report::end_case() {
  Part& part = this->part();
  ++part.cases;
  if (mismatches_in_case_ != 0) ++part.failed;
  if (voice_ == Voice::loud && part.cases % kCasesPerLine == 0)
    fmt::print(stderr, "  {} cases, {} messages, {} failed\n", part.cases, part.messages, part.failed);
}

std::size_t Report::failed_cases() const {
  std::size_t failed = 0;
  for (const auto& [name, part] : parts_) failed += part.failed;
  return failed;
}

bool Report::close() const {
  std::size_t passed = 0;
  std::size_t failed = 0;
  for (const auto& [name, part] : parts_) {
    fmt::print(stderr, "{:50} {:6} cases {:9} messages {:4} failed\n", name, part.cases, part.messages,
               part.failed);
    passed += part.cases - part.failed;
    failed += part.failed;
    if (part.cases == 0) ++failed;  // a part that looked at nothing proves nothing
  }
  fmt::print(stderr, "{} passed, {} failed\n", passed, failed);
  return failed == 0;
}

}  // namespace ottla::golden
