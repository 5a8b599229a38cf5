#include <fmt/format.h>

#include <cstdint>
#include <set>
#include <string>

#include "protocol/api.h"
#include "protocol/registry.h"
#include "protocol/request_header.h"
#include "protocol/schema.h"
#include "test/protocol/golden/parts.h"

namespace ottla::golden {

void compare_catalogs(Reference& reference, Report& report) {
  report.begin("the same messages in the same versions");
  Answer answer = reference.answer_to(Question('L'));
  std::set<std::string> theirs;
  for (std::int32_t left = answer.int32(); left > 0; --left) {
    const std::string name(answer.text());
    const protocol::Versions versions = {.first = answer.int16(), .last = answer.int16()};
    theirs.insert(name);
    report.begin_case(name);
    report.compared();
    const protocol::MessageInfo* ours = protocol::find_message(name);
    if (ours == nullptr) {
      report.mismatch("we have no such message");
    } else if (ours->versions != versions) {
      report.mismatch(fmt::format("has versions {}-{}, ours {}-{}", versions.first, versions.last,
                                  ours->versions.first, ours->versions.last));
    }
    report.end_case();
  }
  for (const protocol::MessageInfo* ours : protocol::all_messages()) {
    if (theirs.contains(ours->name)) continue;
    report.begin_case(ours->name);
    report.mismatch("the reference has no such message");
    report.end_case();
  }
}

void compare_headers(Reference& reference, Report& report) {
  report.begin("the same versions of headers");
  for (const protocol::ApiInfo& api : protocol::all_apis()) {
    if (api.request == nullptr) continue;
    report.begin_case(api.name);
    for (std::int16_t v = api.request->versions.first; v <= api.request->versions.last; ++v) {
      Answer answer = reference.answer_to(Question('H').int16(static_cast<std::int16_t>(api.key)).int16(v));
      const std::int16_t request = answer.int16();
      const std::int16_t response = answer.int16();
      report.compared();
      if (protocol::request_header_version(api, v) != request)
        report.mismatch(fmt::format("version {} has request header {}, ours {}", v, request,
                                    protocol::request_header_version(api, v)));
      if (protocol::response_header_version(api, v) != response)
        report.mismatch(fmt::format("version {} has response header {}, ours {}", v, response,
                                    protocol::response_header_version(api, v)));
    }
    report.end_case();
  }
}

}  // namespace ottla::golden
