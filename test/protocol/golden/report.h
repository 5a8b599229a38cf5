// What was compared and what was found; the numbers that the suite ends with.
//
// Concurrency: one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace ottla::golden {

// A case is one message in one version seen from one side, or one named fact; it may compare many messages.
class Report {
 public:
  enum class Voice : std::uint8_t { loud, silent };

  explicit Report(Voice voice = Voice::loud) : voice_(voice) {}

  void begin(std::string_view part);
  void begin_case(std::string name);
  void compared(std::size_t messages = 1) { part().messages += messages; }
  // Any number of times within a case; the first few are printed.
  void mismatch(std::string_view what);
  void end_case();

  std::size_t failed_cases() const;
  // Prints the counts of each part and the line that the runner looks for. True when nothing failed.
  bool close() const;

 private:
  struct Part {
    std::size_t cases = 0;
    std::size_t failed = 0;
    std::uint64_t messages = 0;
  };

  Part& part() { return parts_[part_]; }

  const Voice voice_;
  std::map<std::string, Part> parts_;
  std::string part_;
  std::string case_;
  std::size_t mismatches_in_case_ = 0;
  std::size_t printed_ = 0;
};

}  // namespace ottla::golden
