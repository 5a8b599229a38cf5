// ./dev bench protocol [--pairs N]: our codecs, and the reference's in a JVM in the same run.
#include <malloc.h>
#include <time.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/arena.h"
#include "base/budget.h"
#include "base/chain.h"
#include "base/slice.h"
#include "bench/java_peer.h"
#include "bench/protocol/messages.h"
#include "bench/report.h"
#include "protocol/codec.h"
#include "protocol/message.h"
#include "protocol/schema.h"

namespace ottla::bench {
namespace {

constexpr double kMeasuredNs = 100e6;
constexpr std::size_t kMemory = std::size_t{64} << 20;

double cpu_ns() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

// Nanoseconds of one call.
double time_of(const std::function<void()>& work, int at_once) {
  double spent = 0;
  double count = 0;
  const double start = cpu_ns();
  do {
    for (int i = 0; i < at_once; ++i) work();
    count += at_once;
    spent = cpu_ns() - start;
  } while (spent < kMeasuredNs);
  return spent / count;
}

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "bench protocol: %s\n", what);
  std::exit(1);
}

// The encoded message, also as a file for the JVM.
class Encoded {
 public:
  template <protocol::Message T>
  Encoded(const T& message, std::int16_t version) : version_(version), name_(T::message().name) {
    auto encoded = protocol::encode(message, version);
    require(encoded.ok(), "a sample cannot be encoded");
    bytes_ = encoded->flatten();
    path_ = "build/bench/" + name_ + "-" + std::to_string(bytes_.size()) + ".bin";
    std::FILE* file = std::fopen(path_.c_str(), "w");
    require(file != nullptr && std::fwrite(bytes_.data(), 1, bytes_.size(), file) == bytes_.size(),
            "cannot write a sample");
    std::fclose(file);
  }
  std::span<const std::byte> bytes() const { return bytes_.as_span(); }
  std::int16_t version() const { return version_; }
  std::string question(std::string_view verb) const {
    return std::string(verb) + " " + name_ + " " + std::to_string(version_) + " " + path_;
  }

 private:
  std::int16_t version_;
  std::string name_;
  std::string path_;
  Slice bytes_;
};

// At most `bound` times `scale`, and faster than Java by `times`, as one row each.
class Rows {
 public:
  Rows(Report& report, JavaPeer& java, int pairs) : report_(report), java_(java), pairs_(pairs) {}

  void add(const std::string& name, const std::function<void()>& work, int at_once, double bound_ns,
           const std::string& question, double at_most_of_java) {
    const auto ours = [&] { return time_of(work, at_once); };
    report_.add(measure(name, "ns", pairs_, ours, Goal::value_at_most(bound_ns)));
    const auto goal =
        at_most_of_java > 0 ? std::optional(Goal::ratio_at_most(at_most_of_java)) : std::nullopt;
    report_.add(
        measure_pairs(name + " beside Java", "ns", pairs_, ours, [&] { return java_.ask(question); }, goal));
  }

 private:
  Report& report_;
  JavaPeer& java_;
  int pairs_;
};

template <protocol::Message T>
std::function<void()> decoding(const Encoded& encoded, Arena& arena) {
  return [&encoded, &arena] {
    arena.reset();
    T message;
    require(protocol::decode({.bytes = encoded.bytes(), .version = encoded.version()}, arena, message).ok(),
            "not decoded");
  };
}

template <protocol::Message T>
std::function<void()> encoding(const T& message, std::int16_t version) {
  return [&message, version] { require(protocol::encode(message, version).ok(), "not encoded"); };
}

// All partitions, visited in place.
std::function<void()> walking(const Encoded& encoded) {
  return [&encoded] {
    protocol::FetchRequest::View view;
    require(protocol::decode_view({.bytes = encoded.bytes(), .version = encoded.version()}, view).ok(),
            "not decoded");
    std::int64_t sum = 0;
    for (const auto& topic : view.topics) {
      for (const auto& partition : topic.partitions) sum += partition.fetch_offset;
    }
    asm volatile("" : : "r"(sum) : "memory");
  };
}

double mallocs_of(const std::function<void()>& work) {
  work();
  const auto before = ::mallinfo2();
  for (int i = 0; i < 100; ++i) work();
  const auto after = ::mallinfo2();
  return static_cast<double>(after.uordblks) - static_cast<double>(before.uordblks);
}

void add_rows(Report& report, int pairs) {
  JavaPeer java("bench/protocol/JavaCodec.java");
  Rows rows(report, java, pairs);
  Budget budget("bench", kMemory);
  Arena arena(budget, {.largest_chunk = std::size_t{4} << 20, .kept = kMemory});

  const ProduceSample one(1);
  const Encoded one_encoded(one.message, 13);
  rows.add("produce, 1 partition: decode", decoding<protocol::ProduceRequest>(one_encoded, arena), 1000, 150,
           one_encoded.question("decode"), 0.2);
  const ProduceSample hundred(100);
  const Encoded hundred_encoded(hundred.message, 13);
  rows.add("produce, 100 partitions: decode", decoding<protocol::ProduceRequest>(hundred_encoded, arena), 100,
           5000, hundred_encoded.question("decode"), 0.2);
  const FetchSample fetch(1000);
  const Encoded fetch_encoded(fetch.message, 18);
  rows.add("fetch, 1,000 partitions: walk", walking(fetch_encoded), 10, 40e3,
           fetch_encoded.question("decode"), 0);
  const FetchedSample fetched(1000);
  const Encoded fetched_encoded(fetched.message, 18);
  rows.add("fetch response, 1,000 record slices: encode", encoding(fetched.message, 18), 10, 80e3,
           fetched_encoded.question("send"), 0);
  const MetadataSample metadata(1000, 10);
  const Encoded metadata_encoded(metadata.message, 13);
  rows.add("metadata, 10,000 partitions: encode", encoding(metadata.message, 13), 2, 1e6,
           metadata_encoded.question("encode"), 0.2);
  rows.add("metadata, 10,000 partitions: decode",
           decoding<protocol::MetadataResponse>(metadata_encoded, arena), 2, 1e6,
           metadata_encoded.question("decode"), 0.2);
  report.add(measure(
      "steady decoding: bytes that stay allocated", "bytes", 1,
      [&] { return mallocs_of(decoding<protocol::ProduceRequest>(hundred_encoded, arena)); },
      Goal::value_at_most(0)));
}

}  // namespace
}  // namespace ottla::bench

int main(int count, char** words) {
  int pairs = 5;
  if (count == 3 && std::string_view(words[1]) == "--pairs") pairs = std::atoi(words[2]);
  if (count != 1 && (count != 3 || pairs < 1)) {
    std::fputs("bench protocol [--pairs N]\n", stderr);
    return 2;
  }
  ottla::bench::Report report("protocol");
  ottla::bench::add_rows(report, pairs);
  return report.finish();
}
