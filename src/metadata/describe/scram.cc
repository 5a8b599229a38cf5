#include "metadata/describe/scram.h"

#include <fmt/format.h>

#include <cstddef>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error_code.h"

namespace ottla::metadata {
namespace {

using protocol::DescribeUserScramCredentialsRequest;
using protocol::DescribeUserScramCredentialsResponse;
using protocol::ErrorCode;
using UserAnswer = DescribeUserScramCredentialsResponse::DescribeUserScramCredentialsResult;
using Info = DescribeUserScramCredentialsResponse::CredentialInfo;

constexpr ScramMechanism kMechanisms[] = {ScramMechanism::sha_256, ScramMechanism::sha_512};

struct Users {
  std::vector<std::string_view> names;  // each once
  std::map<std::string_view, std::size_t> mentions;
};

Users users_of(const MetadataImage& image, const DescribeUserScramCredentialsRequest& request) {
  Users users;
  if (request.users.empty()) {
    std::set<std::string_view> names;
    for (const auto& [user, credential] : image.scram) names.insert(user.name);
    users.names.assign(names.begin(), names.end());
  }
  for (const auto& user : request.users) {
    if (++users.mentions[user.name] == 1) users.names.push_back(user.name);
  }
  return users;
}

Result<> refuse(UserAnswer& answer, ErrorCode error, std::string_view text, Arena& arena) {
  answer.error_code = static_cast<std::int16_t>(error);
  OTTLA_TRY(const std::string_view message, arena.copy(fmt::format("{}{}", text, answer.user)));
  answer.error_message = message;
  return {};
}

Result<> describe(const MetadataImage& image, bool repeated, Arena& arena, UserAnswer& answer) {
  if (repeated) {
    return refuse(answer, ErrorCode::duplicate_resource,
                  "Cannot describe SCRAM credentials for the same user twice in a single request: ", arena);
  }
  OTTLA_TRY(const std::span<Info> infos, arena.make_span<Info>(std::size(kMechanisms)));
  std::size_t count = 0;
  for (const ScramMechanism mechanism : kMechanisms) {
    const auto* credential = image.scram.find(ScramUser{mechanism, std::string(answer.user)});
    if (credential == nullptr) continue;
    infos[count++] = {.mechanism = static_cast<std::int8_t>(mechanism),
                      .iterations = (*credential)->iterations};
  }
  if (count == 0) {
    return refuse(answer, ErrorCode::resource_not_found,
                  "Attempt to describe a user credential that does not exist: ", arena);
  }
  answer.credential_infos = {infos.data(), count};
  return {};
}

}  // namespace

Result<> describe_scram_credentials(const MetadataImage& image,
                                    const DescribeUserScramCredentialsRequest& request, Arena& arena,
                                    DescribeUserScramCredentialsResponse& response) {
  const Users users = users_of(image, request);
  OTTLA_TRY(const std::span<UserAnswer> answers, arena.make_span<UserAnswer>(users.names.size()));
  for (std::size_t each = 0; each < answers.size(); ++each) {
    answers[each].user = users.names[each];
    const auto mentions = users.mentions.find(users.names[each]);
    const bool repeated = mentions != users.mentions.end() && mentions->second > 1;
    OTTLA_CHECK(describe(image, repeated, arena, answers[each]));
  }
  response.results = answers;
  return {};
}

}  // namespace ottla::metadata
