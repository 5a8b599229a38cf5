#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include "base/hex.h"
#include "protocol/registry.h"
#include "protocol/schema.h"
#include "test/protocol/golden/parts.h"

namespace ottla::golden {
namespace {

// What becomes of bytes that are read as a message and written again.
enum class Fate : std::uint8_t {
  kept,
  changed,     // read, and written otherwise
  unwritable,  // read, and not to be written
  left,        // read, but not to its end
  refused,
};

std::string_view name_of(Fate fate) {
  static constexpr std::array<std::string_view, 5> kNames = {"kept", "changed", "unwritable", "left",
                                                             "refused"};
  return kNames[static_cast<std::size_t>(fate)];
}

struct Case {
  std::string_view name;
  std::string_view message;
  std::int16_t version;
  std::string_view hex;  // blanks are for the reader
  Fate reference;
  Fate ours;
};

// Where the two differ, ours is the stricter one on purpose: no program that keeps to the protocol sends such bytes.
constexpr auto kCases = std::to_array<Case>({
    {"a message", "HeartbeatRequest", 4, "0261 00000001 0262 00 00", Fate::kept, Fate::kept},
    {"bytes behind it", "HeartbeatRequest", 4, "0261 00000001 0262 00 00 ee", Fate::left, Fate::refused},
    {"cut off", "HeartbeatRequest", 4, "0261 00000001 0262 00", Fate::refused, Fate::refused},
    {"text that is no UTF-8", "HeartbeatRequest", 4, "03c328 00000001 0262 00 00", Fate::changed, Fate::kept},
    {"an over-long varint", "HeartbeatRequest", 4, "820061 00000001 0262 00 00", Fate::changed,
     Fate::refused},
    {"a text of length -2 that may be null", "HeartbeatRequest", 3, "000161 00000001 000162 fffe",
     Fate::changed, Fate::refused},
    {"a text of length -1 that may not be null", "HeartbeatRequest", 3, "ffff 00000001 000162 ffff",
     Fate::refused, Fate::refused},
    {"a compact text of length 2^32 - 1 that may be null", "HeartbeatRequest", 4,
     "0261 00000001 0262 ffffffff0f 00", Fate::changed, Fate::refused},
    {"an array of -2 that may be null", "MetadataRequest", 4, "fffffffe 01", Fate::changed, Fate::refused},
    {"an array of -1 that may not be null", "MetadataRequest", 0, "ffffffff", Fate::refused, Fate::refused},
    {"an array longer than the bytes", "MetadataRequest", 4, "7fffffff 01", Fate::refused, Fate::refused},
    {"records of length -2 that may be null", "ProduceRequest", 3,
     "ffff 0001 00000000 00000001 000161 00000001 00000000 fffffffe", Fate::changed, Fate::refused},
    {"a boolean of 2", "MetadataRequest", 4, "00000000 02", Fate::changed, Fate::changed},
    {"a structure marked with 2", "ConsumerGroupHeartbeatResponse", 0,
     "00000000 0000 00 00 00000000 00000000 02 01 00 00", Fate::changed, Fate::changed},
    {"a structure marked with 0", "ConsumerGroupHeartbeatResponse", 0,
     "00000000 0000 00 00 00000000 00000000 00 01 00 00", Fate::changed, Fate::changed},
    {"a structure marked with -2", "ConsumerGroupHeartbeatResponse", 0,
     "00000000 0000 00 00 00000000 00000000 fe 00", Fate::changed, Fate::changed},
    {"a tagged structure marked with 2", "ConsumerGroupMemberMetadataValue", 0,
     "010101010101 ffffffff 01 01 00 07 02 00000005 01 00", Fate::changed, Fate::changed},
    {"a tagged field", "ApiVersionsResponse", 3, "0000 01 00000000 01 01 08 0000000000000007", Fate::kept,
     Fate::kept},
    {"a tagged field that says its default", "ApiVersionsResponse", 3,
     "0000 01 00000000 01 01 08 ffffffffffffffff", Fate::changed, Fate::changed},
    {"a tagged field shorter than it says", "ApiVersionsResponse", 3,
     "0000 01 00000000 01 01 09 0000000000000007 00", Fate::left, Fate::refused},
    {"a tagged field longer than it says", "ApiVersionsResponse", 3,
     "0000 01 00000000 01 01 07 0000000000000007", Fate::changed, Fate::refused},
    {"a tagged field twice", "ApiVersionsResponse", 3,
     "0000 01 00000000 02 01 08 0000000000000006 01 08 0000000000000007", Fate::changed, Fate::changed},
    {"known tags out of order", "ApiVersionsResponse", 3,
     "0000 01 00000000 02 03 01 01 01 08 0000000000000007", Fate::changed, Fate::changed},
    {"an unknown tag", "ApiVersionsResponse", 3, "0000 01 00000000 01 09 01 07", Fate::kept, Fate::kept},
    {"an unknown tag before a known one", "ApiVersionsResponse", 3,
     "0000 01 00000000 02 09 01 07 01 08 0000000000000007", Fate::changed, Fate::changed},
    {"an unknown tag twice", "ApiVersionsResponse", 3, "0000 01 00000000 02 09 01 07 09 01 07",
     Fate::unwritable, Fate::unwritable},
    {"unknown tags out of order", "ApiVersionsResponse", 3, "0000 01 00000000 02 0a 01 07 09 01 07",
     Fate::unwritable, Fate::unwritable},
    {"an unknown tag of 2^31 - 1", "ApiVersionsResponse", 3, "0000 01 00000000 01 ffffffff07 01 07",
     Fate::unwritable, Fate::kept},
    {"an unknown tag of 2^31", "ApiVersionsResponse", 3, "0000 01 00000000 01 8080808008 01 07",
     Fate::unwritable, Fate::kept},
    {"an unknown tag longer than the bytes", "ApiVersionsResponse", 3, "0000 01 00000000 01 09 02 07",
     Fate::refused, Fate::refused},
    {"more tags than bytes", "ApiVersionsResponse", 3, "0000 01 00000000 ffffffff0f", Fate::refused,
     Fate::refused},
    {"a tag that a later version knows", "FetchRequest", 12,
     "ffffffff 00000000 00000000 00000000 00 00000000 00000000 01 01 01 01 01 00", Fate::refused,
     Fate::refused},
    {"a signalling NaN", "ClientQuotaRecord", 0, "01 0261 7ff0000000000001 00 00", Fate::kept, Fate::kept},
});

std::string packed(std::string_view hex) {
  std::string digits;
  std::ranges::copy_if(hex, std::back_inserter(digits), [](char each) { return each != ' '; });
  const auto bytes = hex_decode(digits);
  if (!bytes.ok()) give_up(fmt::format("{} is no hex", hex));
  return *bytes;
}

Fate theirs(const Case& each, const std::string& bytes, Reference& reference) {
  Question question('D');
  question.text(each.message).int16(each.version).int32(1).text(bytes).text("");
  Answer answer = reference.answer_to(question);
  answer.int32();
  const std::string_view wrong = answer.text();
  const auto taken = static_cast<std::size_t>(answer.int32());
  if (!wrong.empty()) return wrong.starts_with("it can be read") ? Fate::unwritable : Fate::refused;
  if (taken != bytes.size()) return Fate::left;
  return answer.text() == bytes ? Fate::kept : Fate::changed;
}

Fate ours(const Subject& subject, const std::string& bytes) {
  Workbench bench;
  const auto message = bench.decode(subject, as_view(bytes));
  if (!message.ok()) return Fate::refused;
  const auto again = encode(subject, *message);
  if (!again.ok()) return Fate::unwritable;
  return *again == bytes ? Fate::kept : Fate::changed;
}

// What the reference's server does with bytes behind a request: it looks at none.
void parse_request(Report& report, Reference& reference) {
  report.begin_case("bytes behind a request");
  report.compared();
  constexpr std::int16_t kHeartbeat = 12;
  Question question('Q');
  question.int16(kHeartbeat).int16(4).text(packed("0261 00000001 0262 00 00 ee"));
  Answer answer = reference.answer_to(question);
  if (const std::string_view wrong = answer.text(); !wrong.empty())
    report.mismatch(fmt::format("the reference refuses them by now: {}", wrong));
  report.end_case();
}

}  // namespace

void compare_named_cases(Reference& reference, Report& report) {
  report.begin("bytes that nobody should send");
  for (const Case& each : kCases) {
    report.begin_case(fmt::format("{}: {} {}", each.name, each.message, each.version));
    report.compared();
    const std::string bytes = packed(each.hex);
    const Fate their_fate = theirs(each, bytes, reference);
    const Fate our_fate =
        ours({.message = protocol::find_message(each.message), .version = each.version}, bytes);
    if (their_fate != each.reference)
      report.mismatch(
          fmt::format("expected {} by the reference, is {}", name_of(each.reference), name_of(their_fate)));
    if (our_fate != each.ours)
      report.mismatch(fmt::format("expected {} by us, is {}", name_of(each.ours), name_of(our_fate)));
    report.end_case();
  }
  parse_request(report, reference);
}

}  // namespace ottla::golden
